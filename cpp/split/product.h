#pragma once
// A product with a weight, split by sides: of linear, cross and cross_low_rank.

#include "split/lowering.h"

namespace recfast::split {

struct Product {
  const Weight* weight = nullptr;  // [out, in]
  const Weight* bias = nullptr;    // [out] or null
  bool relu = false;
  int64_t slot = -1;  // whose named part this is; none where negative
};

// act(weight x + bias) as one part on the join of the sides of x. form: receives what the pair stage adds up, where
// that is all it does with one number.
Part lower_product(Lowering& lowering, const Value& x, const Product& product, ScoreForm* form = nullptr);

}  // namespace recfast::split
