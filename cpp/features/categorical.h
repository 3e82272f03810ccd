#pragma once
// categorical: ids[row] = mapping.row(value[row]); each dictionary entry is hashed once.

#include "features/feature.h"
#include "features/row_mapping.h"

namespace recfast {

class CategoricalFeature final : public Feature {
 public:
  CategoricalFeature(std::string name, Side side, std::shared_ptr<const RowMapping> mapping)
      : Feature(std::move(name), side), mapping_(std::move(mapping)) {
    give_ids(InputKind::kIds, mapping_->rows());
  }
  void encode(const ColumnSet& columns, std::span<EncodedArray> out) const override;
  bool takes(RawValue::Kind kind) const noexcept override;
  void encode_value(const RawValue& value, std::span<EncodedArray> out) const noexcept override;

 private:
  std::shared_ptr<const RowMapping> mapping_;
};

}  // namespace recfast
