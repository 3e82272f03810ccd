#pragma once
// cross: out[i] = x0[i] * (sum_j weight[i, j] * xl[j] + bias[i]) + xl[i], a cross layer of DCN-V2
//
//   x0, xl: dense [d]; the first layer has xl = x0, whose product splits by sides like linear
//   weight: f32 [d, d];  bias: f32 [d], may be absent
//   out:    dense [d], join of the sides
//   error:  |out - exact| <= eps * (d + 3) * (|x0[i]| * (sum_j |weight * xl| + |bias|) + |xl[i]|)
//   Source: Wang et al., DCN V2, WWW 2021.

#include "program/op_check.h"

namespace recfast::ops {

inline int64_t check_cross(const OpCheck& c) {
  c.expect_count(2, 2);
  c.expect_dense();
  c.expect_equal_widths();
  const int64_t width = c.input(0).width;
  if (c.matrix(c.node.weight, width).rows != width) c.refuse("the weight '" + c.node.weight + "' is not square");
  c.expect_bias(c.node.bias, width);
  return width;
}

}  // namespace recfast::ops
