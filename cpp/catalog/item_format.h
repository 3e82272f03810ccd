#pragma once
// How the item side of one row is stored, in one row format. f32 rows are what the executor gives and are read in
// place. f16 and i8 hold each stored value (a partial product, a vector sum) as a row of that format of its own, so
// that values of different size do not share a scale; values narrower than kExact, which may enter a score as they are,
// stay f32.

#include <cstdint>
#include <span>
#include <vector>

#include "backends/cpu/executor.h"
#include "table/row_format.h"

namespace recfast {

class ItemFormat {
 public:
  static constexpr int64_t kExact = 8;

  ItemFormat() = default;
  ItemFormat(const cpu::Executor& executor, RowFormat format);

  RowFormat format() const noexcept { return format_; }
  int64_t row_bytes() const noexcept { return row_bytes_; }
  int64_t width() const noexcept { return width_; }  // of an f32 row
  // f32 only: the row itself is f32 [executor.item_width()].
  bool in_place() const noexcept { return format_ == RowFormat::kF32; }

  // out: row_bytes() bytes; values: f32 [executor.item_width()]. Throws ValueError naming `row` when the format cannot
  // hold it.
  void put(const float* values, int64_t row, uint8_t* out) const;
  // Formats that are not read in place. Rows lie `offsets` bytes behind `origin`, each on its own. out: f32
  // [offsets.size(), executor.item_width()].
  void load(const uint8_t* origin, std::span<const int64_t> offsets, float* out) const noexcept;

  // Calls each(first byte of the row, first column of an f32 row, width, format) for every range of columns, ascending.
  template <class Each>
  void for_each_range(Each&& each) const {
    if (in_place()) return each(int64_t{0}, int64_t{0}, width_, format_);
    for (const Segment& s : segments_) each(s.begin, s.first, s.width, s.format);
  }

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
};

}  // namespace recfast
