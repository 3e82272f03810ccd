#include "features/encoded.h"

namespace recfast {

void gather_rows(const EncodedArray& from, std::span<const int64_t> rows, EncodedArray& to) {
  to.ids.clear();
  to.values.clear();
  to.offsets.assign(is_bag(from.kind) ? 1 : 0, 0);
  for (const int64_t row : rows) {
    const auto at = static_cast<size_t>(row);
    switch (from.kind) {
      case InputKind::kIds:
        to.ids.push_back(from.ids[at]);
        break;
      case InputKind::kDense: {
        const float* values = from.values.data() + row * from.width;
        to.values.insert(to.values.end(), values, values + from.width);
        break;
      }
      case InputKind::kWeightedBag:
        to.values.insert(to.values.end(), from.values.begin() + from.offsets[at],
                         from.values.begin() + from.offsets[at + 1]);
        [[fallthrough]];
      case InputKind::kBag:
        to.ids.insert(to.ids.end(), from.ids.begin() + from.offsets[at], from.ids.begin() + from.offsets[at + 1]);
        to.offsets.push_back(static_cast<int64_t>(to.ids.size()));
        break;
    }
  }
}

}  // namespace recfast
