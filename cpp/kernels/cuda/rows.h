#pragma once
// Rows of numbers in device memory, as every CUDA kernel takes them.

#include <cstdint>

namespace recfast::cuda {

// How a number of a row is stored. kI8: u8 codes; value = code * scale + offset, rounded once, as on the CPU. Rows of
// i4 are given as i8: their codes fit, and the value is the same.
enum class DeviceFormat : uint8_t { kF32, kF16, kI8 };

// data:      [rows], row_bytes apart, 16-byte aligned; every row may be read up to whole 16 bytes
// row_bytes: a multiple of 16; 0 repeats one row (kF32 alone)
// scales:    kI8: f16 [rows, 2], scale and offset of each row, apart from the codes, so that these stay aligned
struct DeviceRows {
  const void* data = nullptr;
  int64_t row_bytes = 0;
  const uint16_t* scales = nullptr;
  int64_t dim = 0;
  DeviceFormat format = DeviceFormat::kF32;
};

// One row per candidate r: columns [column, column + width) of row index[r], or of row r where index is null. The
// stage's own frame, the request's row (row_bytes 0, or the request of each candidate by index) and the items that a
// catalogue holds (index: the candidates' rows) are all described so. index: u32, in the range of the rows.
struct Operand {
  DeviceRows rows;
  const uint32_t* index = nullptr;
  int64_t column = 0;
};

// f32 [rows, stride] that kernels write: row r begins at data + r * stride. Any alignment of 4 bytes.
struct Frame {
  float* data = nullptr;
  int64_t stride = 0;
};

}  // namespace recfast::cuda
