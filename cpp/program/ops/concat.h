#pragma once
// concat: out = inputs one behind the other
//
//   inputs: dense [w_i], one or more
//   out:    dense [sum of w_i], join of the sides; costs nothing where its reader takes the parts by themselves

#include "base/checked.h"
#include "program/op_check.h"

namespace recfast::ops {

inline int64_t check_concat(const OpCheck& c) {
  c.expect_count(1, SIZE_MAX);
  c.expect_dense();
  size_t width = 0;
  for (size_t i = 0; i < c.count(); ++i)
    width = checked_add(width, static_cast<size_t>(c.input(i).width), "width of a concat");
  return static_cast<int64_t>(width);
}

}  // namespace recfast::ops
