#pragma once
// bucketized: ids[row] = number of edges <= x[row]; missing = edges + 1.

#include "features/feature.h"

namespace recfast {

class BucketizedFeature final : public Feature {
 public:
  BucketizedFeature(std::string name, Side side, std::vector<double> edges)
      : Feature(std::move(name), side), edges_(std::move(edges)) {
    give_ids(InputKind::kIds, static_cast<int64_t>(edges_.size()) + 2);
  }
  void encode(const ColumnSet& columns, std::span<EncodedArray> out) const override;

 private:
  std::vector<double> edges_;
};

}  // namespace recfast
