#pragma once
// The pair-side inputs of a request, a tile at a time: Match values looked up in the request's maps, and rows of the
// pair table that came with the candidates.

#include <span>
#include <utility>
#include <vector>

#include "catalog/snapshot.h"
#include "features/encoder.h"
#include "features/match_index.h"

namespace recfast {

class PairInputs {
 public:
  explicit PairInputs(const Encoder& encoder) : encoder_(encoder), tile_(encoder.make_arrays()) {}

  // Indexes the maps of the request and encodes the pair table (null when there is none); what they view
  // must live until the last fill. Throws ValueError or TypeError naming the feature.
  void begin(const Snapshot& snapshot, const Request& request, const ColumnSet* pair);
  // Encodes the tile of candidates at the given catalogue rows; positions: their rows in the pair table, or null.
  void fill(std::span<const uint32_t> rows, const int64_t* positions);
  const EncodedArrays& arrays() const noexcept { return tile_; }

 private:
  // Maps with equal keys in equal order share an index: usually all statistics of one kind of history.
  struct Group {
    MatchIndex index;
    std::vector<uint64_t> hashes;
    MatchMap first;
    size_t key = 0;                                    // among the encoder's match_keys
    std::vector<std::pair<size_t, MatchMap>> members;  // place among the encoder's matches, and its map
  };
  void add_map(size_t match, const MatchMap& map);
  void begin_table(const ColumnSet* pair);

  const Encoder& encoder_;
  const Snapshot* snapshot_ = nullptr;
  std::vector<Group> groups_;  // the first num_groups_ of them are in use
  size_t num_groups_ = 0;
  std::vector<uint64_t> hashes_;
  std::vector<int64_t> found_;
  std::vector<size_t> from_table_;  // arrays that come from the pair table
  EncodedArrays table_;
  EncodedArrays tile_;
};

}  // namespace recfast
