#pragma once
// linear on the CPU, split by sides; cross uses the same product.

#include "backends/cpu/lowering.h"

namespace recfast::cpu {

struct Product {
  const Weight* weight = nullptr;  // [out, in]
  const Weight* bias = nullptr;    // [out] or null
  bool relu = false;
};

// act(weight x + bias) as one part on the join of the sides of x. form: receives what the pair stage adds up, where
// that is all it does with one number.
Part lower_product(Lowering& lowering, const Value& x, const Product& product, ScoreForm* form = nullptr);

}  // namespace recfast::cpu
