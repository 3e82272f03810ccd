#include "features/categorical.h"

namespace recfast {
namespace {
constexpr int64_t kUnknown = -1;
}

void CategoricalFeature::encode(const ColumnSet& columns, std::span<EncodedArray> out) const {
  out[0].resize(columns.rows());
  int64_t* ids = out[0].ids.data();
  std::vector<int64_t> known;
  for (const Column& chunk : columns.get(name(), name()).chunks) {
    mapping_->check_type(values_of(chunk), name());
    if (chunk.type == ColumnType::kDictionary) {
      const Column& entries = chunk.children[0];
      known.assign(static_cast<size_t>(entries.length), kUnknown);
      for (int64_t row = 0; row < chunk.length; ++row) {
        const int64_t entry = chunk.is_null(row) ? kUnknown : chunk.index_at(row);
        if (entry == kUnknown) {
          ids[row] = mapping_->missing_row();
          continue;
        }
        int64_t& id = known[static_cast<size_t>(entry)];
        if (id == kUnknown) mapping_->map(entries, entry, entry + 1, &id);
        ids[row] = id;
      }
    } else {
      mapping_->map(chunk, 0, chunk.length, ids);
    }
    ids += chunk.length;
  }
}

bool CategoricalFeature::takes(RawValue::Kind kind) const noexcept {
  const bool strings = mapping_->type() == ValueType::kString;
  return kind == RawValue::Kind::kNull || kind == (strings ? RawValue::Kind::kString : RawValue::Kind::kInt);
}

void CategoricalFeature::encode_value(const RawValue& value, std::span<EncodedArray> out) const noexcept {
  out[0].ids.assign(1, value.kind == RawValue::Kind::kString ? mapping_->row_of(value.text)
                       : value.kind == RawValue::Kind::kInt  ? mapping_->row_of(value.integer)
                                                             : mapping_->missing_row());
}

}  // namespace recfast
