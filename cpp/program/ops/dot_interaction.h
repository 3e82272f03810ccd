#pragma once
// dot_interaction: the dot products of all distinct pairs of vectors, no vector with itself
//
//   out[j (j - 1) / 2 + i] = sum_d v[i, d] * v[j, d]      0 <= i < j < F: the strictly lower triangle, row by row
//
//   inputs: F dense [D], two or more
//   out:    dense [F (F - 1) / 2], join of the sides. Split by sides: pairs of two request vectors once per request,
//           pairs of two item vectors once per catalogue version, the others per candidate. Inputs that stand in the
//           order request, item, pair leave the pair side's numbers one behind the other.
//   limits: F (F - 1) / 2 * D <= 2^26
//   error:  |out - exact| <= eps * (D + 2) * sum_d |v[i, d] * v[j, d]|
//   Source: Naumov et al., Deep Learning Recommendation Model for Personalization and Recommendation Systems, 2019.

#include "base/checked.h"
#include "program/op_check.h"

namespace recfast::ops {

inline int64_t check_dot_interaction(const OpCheck& c) {
  constexpr size_t kMaxProducts = size_t{1} << 26;
  c.expect_count(2, SIZE_MAX);
  c.expect_dense();
  c.expect_equal_widths();
  const size_t pairs = checked_mul(c.count(), c.count() - 1, "pairs of a dot_interaction") / 2;
  const size_t width = checked_size(c.input(0).width, "width of a vector");
  if (checked_mul(pairs, width, "products of a dot_interaction") > kMaxProducts) {
    c.refuse("its " + std::to_string(pairs) + " pairs of vectors that are " + std::to_string(width) +
             " wide need over 2**26 products a row");
  }
  return static_cast<int64_t>(pairs);
}

}  // namespace recfast::ops
