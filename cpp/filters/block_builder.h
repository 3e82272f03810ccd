#pragma once
// BlockBuilder: the memory of consecutive blocks, written row by row and then frozen. Each attribute lies in one piece
// over all of them (huge pages where it is large), so that a scan of one attribute reads memory in order.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/aligned.h"
#include "filters/attribute_block.h"
#include "filters/attribute_schema.h"

namespace recfast {

// So many rows are written together at most: enough for a number of each to fill a huge page, few enough to be copied
// between two versions.
inline constexpr int64_t kSlabRows = 1024 * kBlockRows;

using AttributeBlocks = std::vector<std::shared_ptr<const AttributeBlock>>;

// One attribute, being written. Rows are null until they are set.
class CellWriter {
 public:
  CellWriter(const Attribute& attribute, int64_t rows);

  // Makes room for the elements of all lists.
  void reserve_elements(int64_t elements);

  void set_bool(int64_t row, bool value) noexcept {
    auto* words = reinterpret_cast<uint64_t*>(values_.data());
    words[row / 64] |= uint64_t{value} << (row % 64);
    set_valid(row);
  }
  template <class T>
  void set(int64_t row, T value) noexcept {
    reinterpret_cast<T*>(values_.data())[row] = value;
    set_valid(row);
  }
  // A list: its elements one after the other, then its end. Rows ascend.
  template <class T>
  void add_element(T value) noexcept {
    reinterpret_cast<T*>(values_.data())[elements_++] = value;
  }
  void end_list(int64_t row) noexcept {
    set_valid(row);
    ends_[static_cast<size_t>(row)] = elements_;
  }

 private:
  friend class BlockBuilder;
  void set_valid(int64_t row) noexcept { valid_[static_cast<size_t>(row / 64)] |= uint64_t{1} << (row % 64); }

  AttributeType type_;
  bool list_;
  int64_t value_bytes_;
  int64_t elements_ = 0;
  AlignedBuffer<uint8_t> values_;
  AlignedBuffer<uint64_t> valid_;
  AlignedBuffer<int64_t> ends_;      // lists: [rows], of all blocks; null rows: 0
  AlignedBuffer<uint32_t> offsets_;  // lists: [blocks, kBlockRows + 1], of each block
};

class BlockBuilder {
 public:
  // rows: at most kSlabRows.
  BlockBuilder(const AttributeSchema& schema, int64_t rows);

  CellWriter& operator[](size_t attribute) noexcept { return writers_[attribute]; }
  // The blocks; nothing may be written afterwards. serials: of each block, where they are copies; none: new ones.
  AttributeBlocks finish(std::span<const uint64_t> serials = {}) &&;

 private:
  int64_t rows_;
  std::shared_ptr<MemoryUse> use_;
  std::vector<CellWriter> writers_;
};

}  // namespace recfast
