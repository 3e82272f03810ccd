#include "backends/cuda/device_rows.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace recfast::cuda {
namespace {

constexpr int64_t kChunkRows = 65536;  // repacked at a time
constexpr int64_t kScaleBytes = 4;

bool has_scales(RowFormat format) {
  return format == RowFormat::kI8 || format == RowFormat::kI4;
}

int64_t value_bytes(RowFormat format, int64_t dim) {
  return has_scales(format) ? dim : recfast::row_bytes(format, dim);
}

}  // namespace

OwnedRows::OwnedRows(RowFormat format, int64_t rows, int64_t dim)
    : format_(format), dim_(dim), row_bytes_((value_bytes(format, dim) + 15) / 16 * 16), data_(rows * row_bytes_) {
  if (has_scales(format)) scales_.reserve(rows * kScaleBytes);
}

void OwnedRows::put(int64_t first, int64_t count, const uint8_t* from, int64_t stride) {
  const int64_t most = std::min(count, kChunkRows);
  std::vector<uint8_t> data(static_cast<size_t>(most * row_bytes_));
  std::vector<uint8_t> scales(static_cast<size_t>(has_scales(format_) ? most * kScaleBytes : 0));
  const int64_t codes_bytes = format_ == RowFormat::kI4 ? (dim_ + 1) / 2 : dim_;
  for (int64_t done = 0; done < count; done += kChunkRows) {
    const int64_t rows = std::min(count - done, kChunkRows);
    for (int64_t r = 0; r < rows; ++r) {
      const uint8_t* row = from + (done + r) * stride;
      uint8_t* to = data.data() + r * row_bytes_;
      if (format_ == RowFormat::kI4) {
        for (int64_t d = 0; d < dim_; ++d) to[d] = d % 2 == 0 ? row[d / 2] & 15 : row[d / 2] >> 4;
      } else {
        std::memcpy(to, row, static_cast<size_t>(value_bytes(format_, dim_)));
      }
      if (has_scales(format_)) std::memcpy(scales.data() + r * kScaleBytes, row + codes_bytes, kScaleBytes);
    }
    upload_now(data_.as<void>((first + done) * row_bytes_), data.data(), rows * row_bytes_);
    if (has_scales(format_))
      upload_now(scales_.as<void>((first + done) * kScaleBytes), scales.data(), rows * kScaleBytes);
  }
}

DeviceRows OwnedRows::view() const noexcept {
  return {.data = data_.as<void>(),
          .row_bytes = row_bytes_,
          .scales = has_scales(format_) ? scales_.as<uint16_t>() : nullptr,
          .dim = dim_,
          .format = format_ == RowFormat::kF32   ? DeviceFormat::kF32
                    : format_ == RowFormat::kF16 ? DeviceFormat::kF16
                                                 : DeviceFormat::kI8};
}

}  // namespace recfast::cuda
