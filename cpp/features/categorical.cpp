#include "features/categorical.h"

#include "features/column_visit.h"

namespace recfast {

void CategoricalFeature::encode(const ColumnSet& columns, std::span<EncodedArray> out) const {
  out[0].resize(columns.rows());
  int64_t* ids = out[0].ids.data();
  std::vector<int64_t> known;
  for (const Column& chunk : columns.get(name(), name()).chunks) {
    mapping_->check_type(values_of(chunk), name());
    if (chunk.type == ColumnType::kDictionary) {
      const Column& entries = chunk.children[0];
      // Of a dictionary with more entries than rows only those that the rows name: the others were not checked either.
      const bool all = entries.length <= chunk.length;
      known.resize(static_cast<size_t>(all ? entries.length : 0));
      if (all) mapping_->map(entries, 0, entries.length, known.data());
      visit_integers(chunk.index_type, chunk.data, chunk.offset, [&](auto entry_at) {
        for (int64_t row = 0; row < chunk.length; ++row) {
          if (chunk.is_null(row))
            ids[row] = mapping_->missing_row();
          else if (all)
            ids[row] = known[static_cast<size_t>(entry_at(row))];
          else
            mapping_->map(entries, entry_at(row), entry_at(row) + 1, &ids[row]);
        }
      });
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
