#include "features/bucketized.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace recfast {

int64_t BucketizedFeature::row_of(double x) const noexcept {
  if (!std::isfinite(x)) return static_cast<int64_t>(edges_.size()) + 1;
  return std::upper_bound(edges_.begin(), edges_.end(), x) - edges_.begin();
}

void BucketizedFeature::encode(const ColumnSet& columns, std::span<EncodedArray> out) const {
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  out[0].resize(columns.rows());
  int64_t* ids = out[0].ids.data();
  for (const Column& chunk : columns.get(name(), name()).chunks) {
    check_numbers(values_of(chunk), name());
    for_each_value(chunk, [&](const Column& values, int64_t at, int64_t) {
      *ids++ = row_of(at < 0 || values.is_null(at) ? kMissing : values.number_at(at));
    });
  }
}

void BucketizedFeature::encode_value(const RawValue& value, std::span<EncodedArray> out) const noexcept {
  out[0].ids.assign(1, row_of(number_of(value)));
}

}  // namespace recfast
