#include "features/bucketized.h"

#include <algorithm>
#include <cmath>

#include "features/numeric.h"

namespace recfast {

void BucketizedFeature::encode(const ColumnSet& columns, std::span<EncodedArray> out) const {
  out[0].resize(columns.rows());
  int64_t* ids = out[0].ids.data();
  const auto missing = static_cast<int64_t>(edges_.size()) + 1;
  for (const Column& chunk : columns.get(name(), name()).chunks) {
    check_numbers(values_of(chunk), name());
    for_each_value(chunk, [&](const Column& values, int64_t at, int64_t) {
      const bool null = at < 0 || values.is_null(at);
      const double x = null ? 0.0 : values.number_at(at);
      const bool absent = null || !std::isfinite(x);
      *ids++ = absent ? missing : std::upper_bound(edges_.begin(), edges_.end(), x) - edges_.begin();
    });
  }
}

}  // namespace recfast
