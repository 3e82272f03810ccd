#pragma once
// sum: out[i] = sum over inputs of input[i]
//
//   inputs: dense [w], one or more, all equally wide
//   out:    dense [w], join of the sides. Split by sides: each side's inputs are summed where they are known.

#include "program/op_check.h"

namespace recfast::ops {

inline int64_t check_sum(const OpCheck& c) {
  c.expect_count(1, SIZE_MAX);
  c.expect_dense();
  c.expect_equal_widths();
  return c.input(0).width;
}

}  // namespace recfast::ops
