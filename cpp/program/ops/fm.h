#pragma once
// fm: out = 0.5 * sum_d((sum_f v[f, d])^2 - sum_f v[f, d]^2), the second-order term of a factorisation machine
//
//   inputs: F dense [D], the field embeddings
//   out:    dense [1]. Split by sides: with S and t the sum and the term of each side's fields,
//           out = t_request + t_item + t_pair + S_request.S_item + S_request.S_pair + S_item.S_pair
//   error:  |out - exact| <= eps * (F + D + 4) * sum_d (sum_f |v[f, d]|)^2
//   Source: Rendle, Factorization Machines, ICDM 2010.

#include "program/op_check.h"

namespace recfast::ops {

inline int64_t check_fm(const OpCheck& c) {
  c.expect_count(1, SIZE_MAX);
  c.expect_dense();
  c.expect_equal_widths();
  return 1;
}

}  // namespace recfast::ops
