#include "features/weighted_bag.h"

#include "features/match.h"

namespace recfast {

void WeightedBagFeature::append(const Column& maps, int64_t row, EncodedArray& out) const {
  const MatchMap map = MatchMap::at(maps, row);
  for (int64_t i = 0; i < map.size(); ++i) {
    const int64_t at = map.range.begin + i;
    if (map.keys->is_null(at)) continue;
    float missing = 0.0f;
    const float weight = weight_.value(map.value(i), &missing);
    if (missing != 0.0f) continue;
    out.ids.emplace_back();
    mapping_->map(*map.keys, at, at + 1, &out.ids.back());
    out.values.push_back(weight);
  }
}

void WeightedBagFeature::encode(const ColumnSet& columns, std::span<EncodedArray> out) const {
  EncodedArray& bag = out[0];
  bag.ids.clear();
  bag.values.clear();
  bag.offsets.assign(1, 0);
  bag.offsets.reserve(static_cast<size_t>(columns.rows()) + 1);
  const KeyType keys = mapping_->type() == ValueType::kString ? KeyType::kString : KeyType::kInt;
  std::vector<Column::Range> known;
  for (const Column& chunk : columns.get(name(), name()).chunks) {
    const Column& maps = values_of(chunk);
    check_map(maps, keys, {.feature = name(), .column = name()});
    known.assign(static_cast<size_t>(chunk.type == ColumnType::kDictionary ? maps.length : 0), {-1, -1});
    for (int64_t row = 0; row < chunk.length; ++row) {
      if (chunk.type != ColumnType::kDictionary) {
        append(chunk, row, bag);
      } else if (!chunk.is_null(row)) {
        const int64_t entry = chunk.index_at(row);
        Column::Range& range = known[static_cast<size_t>(entry)];
        if (range.begin < 0) {
          range.begin = static_cast<int64_t>(bag.ids.size());
          append(maps, entry, bag);
          range.end = static_cast<int64_t>(bag.ids.size());
        } else {
          for (auto i = static_cast<size_t>(range.begin); i < static_cast<size_t>(range.end); ++i) {
            bag.ids.push_back(bag.ids[i]);
            bag.values.push_back(bag.values[i]);
          }
        }
      }
      bag.offsets.push_back(static_cast<int64_t>(bag.ids.size()));
    }
  }
}

}  // namespace recfast
