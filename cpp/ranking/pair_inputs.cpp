#include "ranking/pair_inputs.h"

#include <algorithm>

#include "base/error.h"

namespace recfast {

void PairInputs::begin(const Snapshot& snapshot, const Request& request, const ColumnSet* pair) {
  snapshot_ = &snapshot;
  num_groups_ = 0;
  for (size_t i = 0; i < encoder_.matches().size(); ++i) {
    const Encoder::MatchEntry& match = encoder_.matches()[i];
    // One row; an Arrow column may have empty chunks around it.
    for (const Column& chunk : request[match.map].column.chunks) {
      match.feature->check(values_of(chunk), snapshot.match_key_types[match.key]);
      for_each_value(chunk, [&](const Column& maps, int64_t at, int64_t) {
        add_map(i, at < 0 ? MatchMap{} : MatchMap::at(maps, at));
      });
    }
  }
  begin_table(pair);
}

void PairInputs::add_map(size_t match, const MatchMap& map) {
  const size_t key = encoder_.matches()[match].key;
  const std::span<Group> groups(groups_.data(), num_groups_);
  const auto join = [&](auto&& same) {
    const auto found =
        std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.key == key && same(g); });
    if (found != groups.end()) found->members.emplace_back(match, map);
    return found != groups.end();
  };
  const bool same_memory = join([&](const Group& g) {
    return map.size() > 0 && g.first.size() == map.size() && g.first.keys->type == map.keys->type &&
           g.first.keys->data == map.keys->data && g.first.keys->offsets == map.keys->offsets &&
           g.first.keys->validity == map.keys->validity &&
           g.first.keys->offset + g.first.range.begin == map.keys->offset + map.range.begin;
  });
  if (same_memory) return;
  map.hash_keys(hashes_);
  if (join([&](const Group& g) { return g.hashes == hashes_; })) return;
  if (groups_.size() == num_groups_) groups_.emplace_back();
  Group& group = groups_[num_groups_++];
  group.hashes.swap(hashes_);
  group.index.build(group.hashes);
  group.first = map;
  group.key = key;
  group.members.assign(1, {match, map});
}

void PairInputs::begin_table(const ColumnSet* pair) {
  from_table_.clear();
  const std::vector<std::string>& columns = encoder_.pair_columns();
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
  table_ = encoder_.make_arrays();
  encoder_.encode(*pair, {.pair = true}, table_);
  for (size_t i = 0; i < encoder_.specs().size(); ++i) {
    const bool matched = std::any_of(encoder_.matches().begin(), encoder_.matches().end(), [&](const auto& match) {
      return i >= match.array && i < match.array + match.feature->arrays().size();
    });
    if (encoder_.specs()[i].side == Side::kPair && !matched) from_table_.push_back(i);
  }
}

void PairInputs::fill(std::span<const uint32_t> rows, const int64_t* positions) {
  found_.resize(rows.size());
  for (size_t g = 0; g < num_groups_; ++g) {
    const Group& group = groups_[g];
    for (size_t r = 0; r < rows.size(); ++r) {
      found_[r] = group.index.find(*snapshot_->match_key(group.key, rows[r]));
    }
    for (const auto& [match, map] : group.members) {
      const Encoder::MatchEntry& entry = encoder_.matches()[match];
      const NumericOutput& output = entry.feature->output();
      std::vector<float>& values = tile_[entry.array].values;
      values.assign(rows.size(), 0.0f);
      float* missing = nullptr;
      if (output.has_indicator()) {
        tile_[entry.array + 1].values.assign(rows.size(), 1.0f);
        missing = tile_[entry.array + 1].values.data();
      }
      for (size_t r = 0; r < rows.size(); ++r) {
        if (found_[r] < 0) continue;
        values[r] = output.value(map.value(found_[r]), missing == nullptr ? nullptr : missing + r);
      }
    }
  }
  for (const size_t i : from_table_) gather_rows(table_[i], {positions, rows.size()}, tile_[i]);
}

}  // namespace recfast
