#pragma once
// normalise: out[d] = gain[d] * x[d] / max(sqrt(sum_e x[e]^2), 1e-12), a vector of length 1 with a gain per coordinate
//
//   x:      dense [D], shorter than 1e19
//   weight: f32 [D], the gain; may be absent: 1
//   out:    dense [D], side of the input; zeros for a vector of zeros
//   error:  |out - exact| <= eps * (D / 16 + 6) * |out|

#include "program/op_check.h"

namespace recfast::ops {

inline int64_t check_normalise(const OpCheck& c) {
  c.expect_count(1, 1);
  c.expect_dense();
  const int64_t width = c.input(0).width;
  c.expect_vector(c.node.weight, width, "gain");
  return width;
}

}  // namespace recfast::ops
