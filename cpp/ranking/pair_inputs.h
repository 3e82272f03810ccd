#pragma once
// The pair-side inputs of a request, a tile at a time: Match values looked up in the request's maps, and rows of the
// pair table that came with the candidates.

#include <span>
#include <vector>

#include "catalog/snapshot.h"
#include "features/encoder.h"

namespace recfast {

class PairInputs {
 public:
  // Indexes the maps of the request's only row and encodes the pair table (null when there is none).
  // Throws ValueError or TypeError naming the feature.
  PairInputs(const Encoder& encoder, const Snapshot& snapshot, const ColumnSet& request, const ColumnSet* pair);

  // Encodes the tile of candidates at the given catalogue rows; positions: their rows in the pair table, or null.
  void fill(std::span<const uint32_t> rows, const int64_t* positions);
  const EncodedArrays& arrays() const noexcept { return tile_; }

 private:
  const Encoder& encoder_;
  const Snapshot& snapshot_;
  std::vector<MatchIndex> indexes_;  // per Match of the encoder
  std::vector<size_t> from_table_;   // arrays that come from the pair table
  EncodedArrays table_;
  EncodedArrays tile_;
};

}  // namespace recfast
