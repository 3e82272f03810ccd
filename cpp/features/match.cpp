#include "features/match.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "base/error.h"
#include "features/hash_rows.h"
#include "features/match_index.h"
#include "features/row_mapping.h"

namespace recfast {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

KeyType key_type(const Column& keys) {
  if (keys.is_string()) return KeyType::kString;
  return keys.is_integer() ? KeyType::kInt : KeyType::kNone;
}

const char* words(KeyType type) {
  return type == KeyType::kString ? "strings" : "integers";
}

}  // namespace

MatchMap MatchMap::at(const Column& maps, int64_t row) {
  if (maps.type != ColumnType::kMap || maps.is_null(row)) return {};
  return {.keys = &maps.children[0], .values = &maps.children[1], .range = maps.range_at(row)};
}

void MatchMap::hash_keys(std::vector<uint64_t>& out) const {
  out.resize(static_cast<size_t>(size()));
  if (!out.empty()) match_keys(*keys, range.begin, range.end, out.data());
}

double MatchMap::value(int64_t position) const noexcept {
  const int64_t at = range.begin + position;
  return values->is_null(at) ? kMissing : values->number_at(at);
}

void match_keys(const Column& keys, int64_t begin, int64_t end, uint64_t* out) noexcept {
  hash_rows(keys, begin, end, 0, out);
  const bool nulls = keys.type == ColumnType::kNull || keys.validity != nullptr;
  for (int64_t row = begin; row < end; ++row, ++out) *out = nulls && keys.is_null(row) ? 0 : *out == 0 ? 1 : *out;
}

KeyType match_keys(const ChunkedColumn& keys, const std::string& feature, uint64_t* out) {
  KeyType type = KeyType::kNone;
  for (const Column& chunk : keys.chunks) {
    const Column& values = values_of(chunk);
    const KeyType found = key_type(values);
    if (values.type != ColumnType::kNull) {
      if (found == KeyType::kNone) refuse_type(feature, "strings or integers as keys of its items", values);
      if (type != KeyType::kNone && found != type) refuse_type(feature, words(type), values);
      type = found;
    }
    if (chunk.type != ColumnType::kDictionary) {
      match_keys(chunk, 0, chunk.length, out);
    } else {
      for_each_value(chunk, [out](const Column& entries, int64_t at, int64_t row) {
        out[row] = 0;
        if (at >= 0) match_keys(entries, at, at + 1, out + row);
      });
    }
    out += chunk.length;
  }
  return type;
}

void check_map(const Column& maps, KeyType keys, const MapReader& reader) {
  const std::string of = "of '" + reader.column + "'";
  if (maps.type == ColumnType::kNull) return;
  if (maps.is_list() && maps.children[0].length == 0) return;  // empty lists: maps without a pair
  if (maps.type != ColumnType::kMap) {
    refuse_type(reader.feature, "maps from key to number in '" + reader.column + "'", maps);
  }
  const Column& map_keys = maps.children[0];
  if (map_keys.length > 0) {
    const KeyType type = key_type(map_keys);
    if (map_keys.type != ColumnType::kNull && (type == KeyType::kNone || (keys != KeyType::kNone && type != keys))) {
      refuse_type(reader.feature, (keys == KeyType::kNone ? "strings or integers" : words(keys)) + (" as keys " + of),
                  map_keys);
    }
    check_numbers(maps.children[1], reader.feature, "numbers as values " + of);
  }
}

std::vector<double> MatchFeature::values(const ColumnSet& columns) const {
  const ChunkedColumn& maps = columns.get(map(), name());
  const ChunkedColumn& keys = columns.get(key(), name());
  std::vector<uint64_t> hashes(static_cast<size_t>(columns.rows()));
  const KeyType type = match_keys(keys, name(), hashes.data());
  std::vector<double> out(hashes.size(), kMissing);
  MatchIndex index;
  std::vector<uint64_t> map_keys;
  // Looks the rows' keys up in one map.
  const auto look_up = [&](const Column& entries, int64_t entry, std::span<const int64_t> rows, int64_t begin) {
    const MatchMap one = MatchMap::at(entries, entry);
    one.hash_keys(map_keys);
    index.build(map_keys);
    for (const int64_t row : rows) {
      const auto at = static_cast<size_t>(begin + row);
      const int64_t position = index.find(hashes[at]);
      if (position >= 0) out[at] = one.value(position);
    }
  };
  int64_t first = 0;
  for (const Column& chunk : maps.chunks) {
    check(values_of(chunk), type);
    if (chunk.type == ColumnType::kDictionary) {
      // Rows by dictionary entry: a counting sort.
      const Column& entries = chunk.children[0];
      std::vector<int64_t> start(static_cast<size_t>(entries.length) + 1, 0);
      for (int64_t row = 0; row < chunk.length; ++row) {
        if (!chunk.is_null(row)) ++start[static_cast<size_t>(chunk.index_at(row)) + 1];
      }
      std::partial_sum(start.begin(), start.end(), start.begin());
      std::vector<int64_t> rows(static_cast<size_t>(start.back()));
      std::vector<int64_t> fill(start.begin(), start.end() - 1);
      for (int64_t row = 0; row < chunk.length; ++row) {
        if (!chunk.is_null(row)) rows[static_cast<size_t>(fill[static_cast<size_t>(chunk.index_at(row))]++)] = row;
      }
      for (size_t entry = 0; entry + 1 < start.size(); ++entry) {
        if (start[entry] == start[entry + 1]) continue;
        const std::span<const int64_t> of_entry(rows.data() + start[entry], rows.data() + start[entry + 1]);
        look_up(entries, static_cast<int64_t>(entry), of_entry, first);
      }
    } else {
      for (int64_t row = 0; row < chunk.length; ++row) {
        look_up(chunk, row, {&row, 1}, first);
      }
    }
    first += chunk.length;
  }
  return out;
}

void MatchFeature::encode(const ColumnSet& columns, std::span<EncodedArray> out) const {
  for (EncodedArray& array : out) array.resize(columns.rows());
  float* result = out[0].values.data();
  float* missing = output_.has_indicator() ? out[1].values.data() : nullptr;
  for (const double x : values(columns)) {
    *result++ = output_.value(x, missing);
    if (missing != nullptr) ++missing;
  }
}

}  // namespace recfast
