#pragma once
// cross_low_rank: out[i] = x0[i] * (sum_k weight[i, k] * p[k] + bias[i]) + xl[i], p[k] = sum_j projection[k, j] *
// xl[j], a cross layer of DCN-V2 whose matrix is a product of two narrow ones
//
//   x0, xl:     dense [d]; the first layer has xl = x0, whose projection splits by sides like linear: an item stores
//               r numbers of it
//   projection: f32 [r, d] (the paper's V, transposed)
//   weight:     f32 [d, r] (the paper's U);  bias: f32 [d], may be absent
//   out:        dense [d], join of the sides
//   error:      |out - exact| <= eps * (d + r + 5) * (|x0[i]| * (sum_k |weight| * sum_j |projection * xl| + |bias|) +
//               |xl[i]|)
//   Source: Wang et al., DCN V2, WWW 2021, equation 2.

#include "program/op_check.h"

namespace recfast::ops {

inline int64_t check_cross_low_rank(const OpCheck& c) {
  c.expect_count(2, 2);
  c.expect_dense();
  c.expect_equal_widths();
  const int64_t width = c.input(0).width;
  const int64_t rank = c.matrix(c.node.projection, width).rows;
  const int64_t rows = c.matrix(c.node.weight, rank).rows;
  if (rows != width) {
    c.refuse("the weight '" + c.node.weight + "' has " + std::to_string(rows) + " rows, expected " +
             std::to_string(width));
  }
  c.expect_bias(c.node.bias, width);
  return width;
}

}  // namespace recfast::ops
