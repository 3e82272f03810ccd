#pragma once
// Rows in a row format of the host, repacked as kernels read them: every row begins at a multiple of 16 bytes, i8 codes
// apart from their scales, i4 as i8.

#include <cstdint>

#include "backends/cuda/memory.h"
#include "kernels/cuda/rows.h"
#include "table/row_format.h"

namespace recfast::cuda {

class OwnedRows {
 public:
  OwnedRows() = default;
  // Room for `rows` rows.
  OwnedRows(RowFormat format, int64_t rows, int64_t dim);

  // Copies rows [first, first + count) from host memory, each `stride` bytes behind the one before.
  void put(int64_t first, int64_t count, const uint8_t* from, int64_t stride);
  DeviceRows view() const noexcept;
  int64_t bytes() const noexcept { return data_.bytes() + scales_.bytes(); }

 private:
  RowFormat format_ = RowFormat::kF32;
  int64_t dim_ = 0;
  int64_t row_bytes_ = 0;
  DeviceMemory data_;
  DeviceMemory scales_;  // empty unless the format has them
};

}  // namespace recfast::cuda
