#pragma once
// bucketized: ids[row] = number of edges <= x[row]; missing = edges + 1.

#include "features/numeric.h"

namespace recfast {

class BucketizedFeature final : public Feature {
 public:
  BucketizedFeature(std::string name, Side side, std::vector<double> edges)
      : Feature(std::move(name), side), edges_(std::move(edges)) {
    give_ids(InputKind::kIds, static_cast<int64_t>(edges_.size()) + 2);
  }
  void encode(const ColumnSet& columns, std::span<EncodedArray> out) const override;
  bool takes(RawValue::Kind kind) const noexcept override { return is_number(kind); }
  void encode_value(const RawValue& value, std::span<EncodedArray> out) const noexcept override;

 private:
  int64_t row_of(double x) const noexcept;  // NaN and infinity are missing

  std::vector<double> edges_;
};

}  // namespace recfast
