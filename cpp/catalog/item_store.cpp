#include "catalog/item_store.h"

#include <cstring>
#include <string>

#include "base/checked.h"
#include "base/error.h"
#include "table/quantise.h"

namespace recfast {

ItemStore::ItemStore(const cpu::Executor& executor, RowFormat format) : format_(format), width_(executor.item_width()) {
  if (format != RowFormat::kF32 && format != RowFormat::kF16 && format != RowFormat::kI8) {
    throw ValueError("the dtype of a catalogue is \"f32\", \"f16\" or \"i8\", got \"" +
                     std::string(row_format_name(format)) + "\"");
  }
  if (in_place()) {
    row_bytes_ = width_ * static_cast<int64_t>(sizeof(float));
    return;
  }
  for (const cpu::Stored& range : executor.stored()) {
    const RowFormat as = range.width < kExact ? RowFormat::kF32 : format;
    segments_.push_back({.begin = row_bytes_,
                         .first = range.store_offset,
                         .width = range.width,
                         .format = as,
                         .read = rows_kernel(executor.kernels(), as)});
    row_bytes_ += recfast::row_bytes(as, range.width);
  }
  constexpr auto kLine = static_cast<int64_t>(kAlignment);
  row_bytes_ = std::max(row_bytes_ + kLine - 1, kLine) / kLine * kLine;
}

void ItemStore::resize(int64_t rows) {
  bytes_.resize(checked_mul(static_cast<size_t>(rows), static_cast<size_t>(row_bytes_), "catalogue size"));
}

void ItemStore::copy(int64_t to, const ItemStore& from, int64_t row, int64_t rows) noexcept {
  if (rows == 0) return;
  std::memcpy(bytes_.data() + to * row_bytes_, from.row(row), static_cast<size_t>(rows * row_bytes_));
}

void ItemStore::put(int64_t first, int64_t rows, const float* values) {
  for (int64_t r = 0; r < rows; ++r) {
    uint8_t* out = bytes_.data() + (first + r) * row_bytes_;
    try {
      for (const Segment& s : segments_)
        quantise_rows(values + r * width_ + s.first, 1, s.width, s.format, out + s.begin);
    } catch (const ValueError& error) {
      throw ValueError("the item side of row " + std::to_string(first + r) + " does not fit into dtype=\"" +
                       std::string(row_format_name(format_)) + "\"; use \"f32\" (" + error.what() + ")");
    }
  }
}

void ItemStore::load(std::span<const int64_t> rows, float* out) const noexcept {
  for (const Segment& s : segments_) {
    s.read(bytes_.data() + s.begin, row_bytes_, s.width, rows.data(), static_cast<int64_t>(rows.size()), out + s.first,
           width_);
  }
}

}  // namespace recfast
