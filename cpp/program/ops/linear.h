#pragma once
// linear: out[o] = act(sum_i weight[o, i] * x[i] + bias[o])
//
//   x:          dense [I]
//   weight:     f32 [O, I]
//   bias:       f32 [O], may be absent
//   activation: "none" | "relu"
//   out:        dense [O], side of x. Split by sides: u = bias + W_request x_request (once per request),
//               v = W_item x_item (once per catalogue version), out = act(u + v + W_pair x_pair).
//   error:      |out - exact| <= eps * (I + 2) * (sum_i |weight * x| + |bias|)

#include "program/op_check.h"

namespace recfast::ops {

inline int64_t check_linear(const OpCheck& c) {
  c.expect_count(1, 1);
  c.expect_dense();
  const Weight& weight = c.matrix(c.node.weight, c.input(0).width);
  c.expect_bias(c.node.bias, weight.rows);
  return weight.rows;
}

}  // namespace recfast::ops
