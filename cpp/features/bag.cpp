#include "features/bag.h"

namespace recfast {

void BagFeature::append(const Column& lists, int64_t row, std::vector<int64_t>& ids) const {
  if (lists.type == ColumnType::kNull) return;
  const Column::Range range = lists.range_at(row);
  const Column& elements = lists.children[0];
  if (elements.type == ColumnType::kDictionary) {
    for (int64_t i = range.begin; i < range.end; ++i) {
      if (elements.is_null(i)) continue;
      const int64_t entry = elements.index_at(i);
      if (elements.children[0].is_null(entry)) continue;
      ids.emplace_back();
      mapping_->map(elements.children[0], entry, entry + 1, &ids.back());
    }
    return;
  }
  const size_t before = ids.size();
  ids.resize(before + static_cast<size_t>(range.end - range.begin));
  int64_t* rows = ids.data() + before;
  mapping_->map(elements, range.begin, range.end, rows);
  if (elements.type != ColumnType::kNull && elements.validity == nullptr) return;
  for (int64_t i = range.begin; i < range.end; ++i) {  // nulls are no part of a bag
    if (!elements.is_null(i)) *rows++ = ids[before + static_cast<size_t>(i - range.begin)];
  }
  ids.resize(static_cast<size_t>(rows - ids.data()));
}

void BagFeature::encode(const ColumnSet& columns, std::span<EncodedArray> out) const {
  std::vector<int64_t>& ids = out[0].ids;
  std::vector<int64_t>& offsets = out[0].offsets;
  ids.clear();
  offsets.assign(1, 0);
  offsets.reserve(static_cast<size_t>(columns.rows()) + 1);
  std::vector<Column::Range> known;
  for (const Column& chunk : columns.get(name(), name()).chunks) {
    const Column& lists = values_of(chunk);
    if (lists.type != ColumnType::kNull && !lists.is_list()) {
      refuse_type(name(), mapping_->type() == ValueType::kString ? "lists of strings" : "lists of integers", lists);
    }
    if (lists.is_list()) mapping_->check_type(values_of(lists.children[0]), name());
    known.assign(static_cast<size_t>(chunk.type == ColumnType::kDictionary ? lists.length : 0), {-1, -1});
    for (int64_t row = 0; row < chunk.length; ++row) {
      if (chunk.type != ColumnType::kDictionary) {
        append(chunk, row, ids);
      } else if (!chunk.is_null(row)) {
        const int64_t entry = chunk.index_at(row);
        Column::Range& range = known[static_cast<size_t>(entry)];
        if (range.begin < 0) {
          range.begin = static_cast<int64_t>(ids.size());
          append(lists, entry, ids);
          range.end = static_cast<int64_t>(ids.size());
        } else {
          for (int64_t i = range.begin; i < range.end; ++i) ids.push_back(ids[static_cast<size_t>(i)]);
        }
      }
      offsets.push_back(static_cast<int64_t>(ids.size()));
    }
  }
}

}  // namespace recfast
