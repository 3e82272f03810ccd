#pragma once
// weighted_bag: a map per row. ids = concatenation over rows of mapping.row(key), values = f32(transforms(weight));
// offsets [rows + 1]. Entries without a key or with a missing weight are dropped; a null map is the empty bag. Each
// dictionary entry is encoded once.

#include "features/feature.h"
#include "features/numeric.h"
#include "features/row_mapping.h"

namespace recfast {

class WeightedBagFeature final : public Feature {
 public:
  WeightedBagFeature(std::string name, Side side, std::shared_ptr<const RowMapping> mapping,
                     std::vector<TransformStep> transform)
      : Feature(std::move(name), side), mapping_(std::move(mapping)), weight_(std::move(transform), false) {
    give_ids(InputKind::kWeightedBag, mapping_->rows());
  }
  void encode(const ColumnSet& columns, std::span<EncodedArray> out) const override;

 private:
  void append(const Column& maps, int64_t row, EncodedArray& out) const;

  std::shared_ptr<const RowMapping> mapping_;
  NumericOutput weight_;
};

}  // namespace recfast
