#include "catalog/item_format.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/aligned.h"
#include "base/error.h"
#include "table/quantise.h"

namespace recfast {

ItemFormat::ItemFormat(const cpu::Executor& executor, RowFormat format)
    : format_(format), width_(executor.item_width()) {
  if (format != RowFormat::kF32 && format != RowFormat::kF16 && format != RowFormat::kI8) {
    throw ValueError("the dtype of a catalogue is \"f32\", \"f16\" or \"i8\", got \"" +
                     std::string(row_format_name(format)) + "\"");
  }
  if (in_place()) {
    row_bytes_ = width_ * static_cast<int64_t>(sizeof(float));
    return;
  }
  for (const split::Stored& range : executor.stored()) {
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

void ItemFormat::put(const float* values, int64_t row, uint8_t* out) const {
  if (in_place()) {
    std::memcpy(out, values, static_cast<size_t>(row_bytes_));
    return;
  }
  try {
    for (const Segment& s : segments_) quantise_rows(values + s.first, 1, s.width, s.format, out + s.begin);
  } catch (const ValueError& error) {
    throw ValueError("the item side of row " + std::to_string(row) + " does not fit into dtype=\"" +
                     std::string(row_format_name(format_)) + "\"; use \"f32\" (" + error.what() + ")");
  }
}

void ItemFormat::load(const uint8_t* origin, std::span<const int64_t> offsets, float* out) const noexcept {
  constexpr int64_t kByte = 1;  // rows may begin anywhere
  for (const Segment& s : segments_) {
    s.read(origin + s.begin, kByte, s.width, offsets.data(), static_cast<int64_t>(offsets.size()), out + s.first,
           width_);
  }
}

}  // namespace recfast
