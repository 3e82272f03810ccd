#pragma once
// Block: kBlockRows consecutive rows of a catalogue, and BlockGroup: many of them with the bits of their living rows.
// Immutable once published. A version copies the blocks whose rows it changes, the groups of those, and one pointer for
// every other group.

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/aligned.h"
#include "base/blocks.h"
#include "catalog/block_pool.h"

namespace recfast {

// How the rows of a block lie in its slot: the stored item side [rows, row_bytes], then per key column the hashes that
// Match features look up [rows], then the rows' fingerprints [rows].
struct BlockLayout {
  int64_t row_bytes = 0;  // 0: no item sides are stored
  int64_t keys = 0;
  int64_t capacity = kBlockRows;  // less where all rows fit into one block
  bool fingerprints = true;       // false: items of one request, which have no next version

  int64_t item_at(int64_t row) const noexcept { return row * row_bytes; }
  int64_t key_at(int64_t key, int64_t row) const noexcept {
    return capacity * row_bytes + (key * capacity + row) * kWord;
  }
  int64_t fingerprint_at(int64_t row) const noexcept { return key_at(keys, row); }
  size_t slot_bytes() const noexcept {
    constexpr auto kLine = static_cast<int64_t>(kAlignment);
    const int64_t bytes = key_at(keys + (fingerprints ? 1 : 0), 0);
    return static_cast<size_t>((bytes + kLine - 1) / kLine * kLine);
  }
  // Of one row, without what is left over in the last block.
  int64_t bytes_per_row() const noexcept { return row_bytes + (keys + (fingerprints ? 1 : 0)) * kWord; }

 private:
  static constexpr auto kWord = static_cast<int64_t>(sizeof(uint64_t));
};

// What else versions keep and share per block of rows stands here, beside its slot.
struct Block {
  PooledMemory rows;
};

inline constexpr int64_t kGroupBlocks = 64;
inline constexpr int64_t kBlockGroupRows = kGroupBlocks * kBlockRows;

struct BlockGroup {
  std::array<Block, kGroupBlocks> blocks;
  std::array<uint64_t, kGroupBlocks * kBlockWords> alive{};  // per block a bitmap; rows that are not there have 0

  // row: in the group.
  bool is_alive(int64_t row) const noexcept { return (alive[static_cast<size_t>(row / 64)] >> (row % 64) & 1) != 0; }
  // False when it was removed before.
  bool remove(int64_t row) noexcept {
    uint64_t& word = alive[static_cast<size_t>(row / 64)];
    const uint64_t before = std::exchange(word, word & ~(uint64_t{1} << (row % 64)));
    return before != word;
  }
};

using BlockGroups = std::vector<std::shared_ptr<const BlockGroup>>;

}  // namespace recfast
