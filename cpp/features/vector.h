#pragma once
// vector: values[row, :] = f32 of the list; null, NaN, infinity and another length are errors.

#include "features/feature.h"

namespace recfast {

class VectorFeature final : public Feature {
 public:
  VectorFeature(std::string name, Side side, int64_t dim) : Feature(std::move(name), side), dim_(dim) {
    give_dense(this->name(), dim);
  }
  void encode(const ColumnSet& columns, std::span<EncodedArray> out) const override;

 private:
  int64_t dim_;
};

}  // namespace recfast
