#pragma once
// dot: out = sum_d a[d] * b[d], what a two-tower model scores by
//
//   inputs: a and b, dense [D], of any sides; they may be the same
//   out:    dense [1], join of the sides. A request vector and an item vector: each is computed where it is known, the
//           catalogue stores D numbers per item, and a candidate costs D multiply-adds.
//   error:  |out - exact| <= eps * (D + 2) * sum_d |a[d] * b[d]|

#include "program/op_check.h"

namespace recfast::ops {

inline int64_t check_dot(const OpCheck& c) {
  c.expect_count(2, 2);
  c.expect_dense();
  c.expect_equal_widths();
  return 1;
}

}  // namespace recfast::ops
