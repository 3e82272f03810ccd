#pragma once
// One version of a catalogue: ids, and blocks with the stored item side of every row and the hashed keys that Match
// features look up. Immutable once published; readers keep the one that they began with.

#include <bit>
#include <memory>
#include <vector>

#include "catalog/block.h"
#include "catalog/item_format.h"
#include "catalog/item_vectors.h"
#include "catalog/version_ids.h"
#include "features/match.h"
#include "filters/attributes.h"

namespace recfast {

struct Snapshot {
  int64_t version = 0;
  uint64_t model = 0;  // model_fingerprint of what the item side was computed with
  VersionIds ids;      // by row
  ItemFormat format;
  std::vector<KeyType> match_key_types;  // per key column of the encoder

  BlockLayout layout;
  BlockGroups groups;
  int64_t rows = 0;    // removed ones too
  int64_t living = 0;  // items
  BlockPool pool;
  std::shared_ptr<const Counted> counted;  // among the versions that are alive; null for items of one request

  // Features of items of one request, whose item sides are computed where they are read; null: they are stored.
  std::shared_ptr<const EncodedArrays> encoded;

  std::shared_ptr<const Attributes> attributes;   // by row; null for items of one request that no filter asks about
  std::shared_ptr<const VectorPlan> vector_plan;  // null: the score has no product to search by
  std::shared_ptr<const ItemVectors> vectors;     // null: that, or they are not all finite

  // The item side of a row, where they are stored.
  const uint8_t* item(int64_t row) const noexcept { return block(row) + layout.item_at(place(row)); }
  const uint64_t* match_key(size_t key, int64_t row) const noexcept {
    return reinterpret_cast<const uint64_t*>(block(row) + layout.key_at(static_cast<int64_t>(key), place(row)));
  }
  uint64_t fingerprint(int64_t row) const noexcept {
    return *reinterpret_cast<const uint64_t*>(block(row) + layout.fingerprint_at(place(row)));
  }
  // Bits of the living rows of a block, [kBlockWords].
  const uint64_t* alive(int64_t block) const noexcept {
    return groups[static_cast<size_t>(block / kGroupBlocks)]->alive.data() + block % kGroupBlocks * kBlockWords;
  }
  // A block's memory, which versions share.
  const PooledMemory& memory(int64_t block) const noexcept {
    return groups[static_cast<size_t>(block / kGroupBlocks)]->blocks[static_cast<size_t>(block % kGroupBlocks)].rows;
  }
  bool is_alive(int64_t row) const noexcept {
    return groups[static_cast<size_t>(row / kBlockGroupRows)]->is_alive(row % kBlockGroupRows);
  }
  // Calls visit(row) for every living row in order.
  template <class Visit>
  void for_each_living(Visit&& visit) const {
    for (int64_t first = 0; first < rows; first += 64) {
      uint64_t left = groups[static_cast<size_t>(first / kBlockGroupRows)]
                          ->alive[static_cast<size_t>(first % kBlockGroupRows / 64)];
      for (; left != 0; left &= left - 1) visit(first + std::countr_zero(left));
    }
  }

  // Throws TypeError unless ids of this column can be looked up here; `what` says what they are.
  void check_type(const Column& column, const std::string& what) const { ids.check_type(column, what); }
  // The row of a living item, or -1. `key`: what ItemIds::find takes.
  template <class... Key>
  int64_t find(const Key&... key) const noexcept {
    return ids.find([this](int64_t row) { return is_alive(row); }, key...);
  }
  // rows[i] = find(ids, i) for every row of a column that is no dictionary.
  void find_all(const Column& column, int64_t* found) const noexcept {
    ids.find_all([this](int64_t row) { return is_alive(row); }, living == rows, column, found);
  }

  // Memory of the rows.
  int64_t size_bytes() const noexcept { return rows * layout.bytes_per_row(); }
  // Memory of blocks, ids, attributes and vectors, which this version may share with others.
  int64_t used_bytes() const noexcept {
    return block_count(rows) * static_cast<int64_t>(layout.slot_bytes()) + ids.size_bytes() +
           (attributes != nullptr ? attributes->size_bytes() : 0) + (vectors != nullptr ? vectors->bytes : 0);
  }

 private:
  // In its block. Rows are not negative: shifts, without the steps that a sign would take.
  static int64_t place(int64_t row) noexcept { return row & (kBlockRows - 1); }
  const uint8_t* block(int64_t row) const noexcept {
    constexpr auto kRows = static_cast<uint64_t>(kBlockRows);
    constexpr auto kBlocks = static_cast<uint64_t>(kGroupBlocks);
    const uint64_t block = static_cast<uint64_t>(row) / kRows;
    return groups[block / kBlocks]->blocks[block % kBlocks].rows.get();
  }
  static_assert(std::has_single_bit(static_cast<uint64_t>(kBlockRows)));
};

}  // namespace recfast
