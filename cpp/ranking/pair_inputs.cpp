#include "ranking/pair_inputs.h"

#include <algorithm>

#include "base/error.h"

namespace recfast {
namespace {

// to = rows `positions` of from.
void gather(const EncodedArray& from, std::span<const int64_t> positions, EncodedArray& to) {
  to.ids.clear();
  to.values.clear();
  to.offsets.assign(from.kind == InputKind::kBag ? 1 : 0, 0);
  for (const int64_t position : positions) {
    const auto at = static_cast<size_t>(position);
    switch (from.kind) {
      case InputKind::kIds:
        to.ids.push_back(from.ids[at]);
        break;
      case InputKind::kDense: {
        const float* row = from.values.data() + position * from.width;
        to.values.insert(to.values.end(), row, row + from.width);
        break;
      }
      case InputKind::kBag:
        to.ids.insert(to.ids.end(), from.ids.begin() + from.offsets[at], from.ids.begin() + from.offsets[at + 1]);
        to.offsets.push_back(static_cast<int64_t>(to.ids.size()));
        break;
    }
  }
}

}  // namespace

PairInputs::PairInputs(const Encoder& encoder, const Snapshot& snapshot, const ColumnSet& request,
                       const ColumnSet* pair)
    : encoder_(encoder), snapshot_(snapshot), indexes_(encoder.matches().size()), tile_(encoder.make_arrays()) {
  for (size_t i = 0; i < indexes_.size(); ++i) {
    const Encoder::MatchEntry& match = encoder.matches()[i];
    // The request's only row; an Arrow column may have empty chunks around it.
    for (const Column& chunk : request.get(match.feature->map(), match.feature->name()).chunks) {
      match.feature->check_map(values_of(chunk), snapshot.match_key_types[match.key]);
      for_each_value(chunk, [&](const Column& maps, int64_t at, int64_t) {
        if (at >= 0) indexes_[i].build(maps, at);
      });
    }
  }
  const std::vector<std::string>& columns = encoder.pair_columns();
  if (columns.empty() && pair == nullptr) return;
  if (pair == nullptr) {
    throw ValueError("the model has pair features " + list_names(columns) +
                     ": pass them as pair=, one row per candidate");
  }
  for (const std::string& name : pair->names()) {
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) {
      throw ValueError("unknown feature '" + name + "' in pair=; it has " + list_names(columns));
    }
  }
  table_ = encoder.make_arrays();
  encoder.encode(*pair, {.pair = true}, table_);
  for (size_t i = 0; i < encoder.specs().size(); ++i) {
    const bool matched = std::any_of(encoder.matches().begin(), encoder.matches().end(), [&](const auto& match) {
      return i >= match.array && i < match.array + match.feature->arrays().size();
    });
    if (encoder.specs()[i].side == Side::kPair && !matched) from_table_.push_back(i);
  }
}

void PairInputs::fill(std::span<const uint32_t> rows, const int64_t* positions) {
  for (size_t i = 0; i < indexes_.size(); ++i) {
    const Encoder::MatchEntry& match = encoder_.matches()[i];
    const NumericOutput& output = match.feature->output();
    const uint64_t* keys = snapshot_.match_keys[match.key].data();
    std::vector<float>& values = tile_[match.array].values;
    values.resize(rows.size());
    float* missing = nullptr;
    if (output.has_indicator()) {
      tile_[match.array + 1].values.resize(rows.size());
      missing = tile_[match.array + 1].values.data();
    }
    for (size_t r = 0; r < rows.size(); ++r) {
      values[r] = output.value(indexes_[i].find(keys[rows[r]]), missing == nullptr ? nullptr : missing + r);
    }
  }
  for (const size_t i : from_table_) gather(table_[i], {positions, rows.size()}, tile_[i]);
}

}  // namespace recfast
