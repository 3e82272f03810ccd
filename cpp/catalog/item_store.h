#pragma once
// The stored item side: one row per item in one row format. f32 rows are what the executor gives and are read in place.
// f16 and i8 hold each stored value (a partial product, a vector sum) as a row of that format of its own, so that
// values of different size do not share a scale; values narrower than kExact, which may enter a score as they are, stay
// f32.

#include <cstdint>
#include <span>
#include <vector>

#include "backends/cpu/executor.h"
#include "base/aligned.h"
#include "table/row_format.h"

namespace recfast {

class ItemStore {
 public:
  static constexpr int64_t kExact = 8;

  ItemStore() = default;
  ItemStore(const cpu::Executor& executor, RowFormat format);

  RowFormat format() const noexcept { return format_; }
  int64_t row_bytes() const noexcept { return row_bytes_; }
  int64_t size_bytes() const noexcept { return static_cast<int64_t>(bytes_.size()); }
  void resize(int64_t rows);
  const uint8_t* row(int64_t row) const noexcept { return bytes_.data() + row * row_bytes_; }
  // Copies a row of a store of the same executor and format.
  void copy(int64_t to, const ItemStore& from, int64_t row, int64_t rows = 1) noexcept;

  // Rows [first, first + rows) from f32 [rows, executor.item_width()]. Throws ValueError naming the row that the format
  // cannot hold.
  void put(int64_t first, int64_t rows, const float* values);
  // f32 only: the rows themselves, [executor.item_width()] each.
  bool in_place() const noexcept { return format_ == RowFormat::kF32; }
  float* values() noexcept { return reinterpret_cast<float*>(bytes_.data()); }
  // Other formats. out: f32 [rows.size(), executor.item_width()].
  void load(std::span<const int64_t> rows, float* out) const noexcept;

 private:
  struct Segment {
    int64_t begin;  // of the bytes in a row
    int64_t first;  // of the numbers in an f32 row
    int64_t width;
    RowFormat format;
    RowsKernel read;
  };
  RowFormat format_ = RowFormat::kF32;
  int64_t width_ = 0;
  int64_t row_bytes_ = 0;
  std::vector<Segment> segments_;
  AlignedBuffer<uint8_t> bytes_;
};

}  // namespace recfast
