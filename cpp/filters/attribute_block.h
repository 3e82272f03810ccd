#pragma once
// AttributeBlock: up to kBlockRows consecutive rows of every attribute. Immutable; versions share it.

#include <cstdint>
#include <span>

#include "base/blocks.h"

namespace recfast {

// One attribute in one block. Memory for all kBlockRows rows, whatever the block holds: kernels have no remainder.
struct AttributeCells {
  // int64, float64 or uint32 codes [kBlockRows]; booleans: bits [kBlockWords]; lists: their elements, one list after
  // the other, as int64 or codes. What stands at null rows means nothing. Null, without offsets: every row is null.
  const void* values = nullptr;
  const uint32_t* offsets = nullptr;  // lists: [kBlockRows + 1]
  const uint64_t* valid = nullptr;    // bits [kBlockWords], 0 for null; null: no row is null

  bool all_null() const noexcept { return values == nullptr && offsets == nullptr; }
  template <class T>
  const T* as() const noexcept {
    return static_cast<const T*>(values);
  }
};

class AttributeBlock {
 public:
  // cells: one per attribute, owned by whoever owns the block. slab: the memory that they lie in. bytes: of what they
  // point to.
  AttributeBlock(std::span<const AttributeCells> cells, const void* slab, int64_t rows, uint64_t serial,
                 int64_t bytes) noexcept
      : cells_(cells), slab_(slab), rows_(rows), serial_(serial), bytes_(bytes) {}

  int64_t rows() const noexcept { return rows_; }
  // Only copies of this block have it, too.
  uint64_t serial() const noexcept { return serial_; }
  int64_t size_bytes() const noexcept { return bytes_; }
  // The same for blocks whose memory is given back together.
  const void* slab() const noexcept { return slab_; }
  const AttributeCells& cells(size_t attribute) const noexcept { return cells_[attribute]; }
  bool is_null(size_t attribute, int64_t row) const noexcept {
    const AttributeCells& cells = cells_[attribute];
    return cells.all_null() || (cells.valid != nullptr && (cells.valid[row / 64] >> (row % 64) & 1) == 0);
  }

 private:
  std::span<const AttributeCells> cells_;
  const void* slab_;
  int64_t rows_;
  uint64_t serial_;
  int64_t bytes_;
};

}  // namespace recfast
