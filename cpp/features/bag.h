#pragma once
// bag: ids = concatenation over rows of mapping.row(element), null elements dropped; offsets [rows + 1].
// A null list is the empty bag. Each dictionary entry is encoded once.

#include "features/feature.h"
#include "features/row_mapping.h"

namespace recfast {

class BagFeature final : public Feature {
 public:
  BagFeature(std::string name, Side side, std::shared_ptr<const RowMapping> mapping)
      : Feature(std::move(name), side), mapping_(std::move(mapping)) {
    give_ids(InputKind::kBag, mapping_->rows());
  }
  void encode(const ColumnSet& columns, std::span<EncodedArray> out) const override;

 private:
  void append(const Column& lists, int64_t row, std::vector<int64_t>& ids) const;

  std::shared_ptr<const RowMapping> mapping_;
};

}  // namespace recfast
