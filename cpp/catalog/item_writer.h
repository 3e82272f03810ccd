#pragma once
// ItemWriter: from rows of an item table to rows of the next version. Everything that stands in a block is written
// here: when a catalogue is built, changed, replaced, or its rows are copied together.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "catalog/block_writer.h"
#include "catalog/snapshot.h"

namespace recfast {

// What all versions of a catalogue have in common.
struct ItemPlan {
  const cpu::Executor* executor = nullptr;
  uint64_t model = 0;  // its model_fingerprint
  ItemFormat format;
  BlockLayout layout;
  std::shared_ptr<MemoryUse> use;
  // Columns that filters may ask about: those named, or all that can be but the key.
  std::optional<std::vector<std::string>> attributes;
  std::shared_ptr<const VectorPlan> vectors;  // null: there are none to search
};

// Where the rows of a table go: row i becomes row to[i] of the next version; from[i]: the row of its id in `old`, whose
// item side is taken when its fingerprint says so, or -1. No `from`: every item side is computed.
struct RowMoves {
  std::span<const int64_t> to;
  std::span<const int64_t> from;
};

class ItemWriter {
 public:
  // old: the version before, or null. same_rows: the next version begins with the rows of the old one as they are.
  ItemWriter(const ItemPlan& plan, const Snapshot* old, bool same_rows, int64_t new_rows);

  // Encodes the table and writes what differs; where no item sides are stored, keeps what it encoded. Throws ValueError
  // or TypeError naming the column.
  void write(const ColumnSet& items, const RowMoves& moves);
  // The living rows of the old version behind each other.
  void copy_living();
  // False when it was removed before.
  bool remove(int64_t row) { return blocks_.remove(row); }
  // living: how many items are left.
  std::shared_ptr<Snapshot> finish(VersionIds ids, int64_t living);

 private:
  struct Chunk;
  void write_chunk(Chunk& chunk, const RowMoves& moves);
  void compute(Chunk& chunk);

  const ItemPlan& plan_;
  const Snapshot* old_;
  bool same_rows_;
  BlockWriter blocks_;
  std::vector<KeyType> key_types_;
  std::shared_ptr<const EncodedArrays> encoded_;
};

}  // namespace recfast
