#pragma once
// match: values[row] = transforms(map[row][key[row]]), 0 where missing.
//
// Keys are compared by 64-bit hash. For rows, those that share a map (a dictionary entry) are served together, so that
// each map is indexed once. For ranking, the item side is the hash of the key, the request side an index of the map.

#include <string>
#include <vector>

#include "features/feature.h"
#include "features/numeric.h"

namespace recfast {

// One map: a row of a map column.
struct MatchMap {
  const Column* keys = nullptr;  // null: the map is null
  const Column* values = nullptr;
  Column::Range range;

  // Row `row` of a column that check_map accepted.
  static MatchMap at(const Column& maps, int64_t row);
  int64_t size() const noexcept { return range.end - range.begin; }
  // The hashes of its keys, as match_keys gives them.
  void hash_keys(std::vector<uint64_t>& out) const;
  // The value at a position, NaN where null.
  double value(int64_t position) const noexcept;
};

enum class KeyType : uint8_t { kNone, kString, kInt };

// out[i] = hash of the key begin + i; never 0 for a key that is there, 0 for a null one.
void match_keys(const Column& keys, int64_t begin, int64_t end, uint64_t* out) noexcept;
// Hashes [rows] of a key column, and its type. Throws TypeError naming `feature`.
KeyType match_keys(const ChunkedColumn& keys, const std::string& feature, uint64_t* out);

// For messages: the feature, and the column that it reads.
struct MapReader {
  const std::string& feature;
  const std::string& column;
};
// Throws TypeError when the column is no map from `keys` to numbers.
void check_map(const Column& maps, KeyType keys, const MapReader& reader);

class MatchFeature final : public Feature {
 public:
  struct Options {
    std::string map;
    std::string key;
  };
  MatchFeature(std::string name, Side side, Options options, NumericOutput output)
      : Feature(std::move(name), side), options_(std::move(options)), output_(output) {
    give_dense(this->name());
    if (output_.has_indicator()) give_dense(this->name() + "_missing");
  }
  const std::string& map() const noexcept { return options_.map; }
  const std::string& key() const noexcept { return options_.key; }
  const NumericOutput& output() const noexcept { return output_; }

  void encode(const ColumnSet& columns, std::span<EncodedArray> out) const override;
  // The raw values [rows], NaN where missing: what a transform is fitted on.
  std::vector<double> values(const ColumnSet& columns) const;
  // Of its map column, see above.
  void check(const Column& maps, KeyType keys) const { check_map(maps, keys, {.feature = name(), .column = map()}); }

 private:
  Options options_;
  NumericOutput output_;
};

}  // namespace recfast
