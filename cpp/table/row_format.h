#pragma once
// How one embedding row of D numbers lies in memory, little-endian, rows row_bytes apart without holes.
//
//   f32   D x f32                                         4 D bytes
//   f16   D x f16                                         2 D bytes
//   i8    D x u8 codes, f16 scale, f16 offset             D + 4 bytes;  value = code * scale + offset
//   i4    D x u4 codes, f16 scale, f16 offset             ceil(D / 2) + 4 bytes;  value = code * scale + offset
//         code d is the low half of byte d / 2 where d is even, else the high half; a half that is left over is 0
//
// code * scale is exact in f32 (8 + 11 bits), so an i8 or i4 value is rounded once and is the same bits on every ISA.

#include <cstdint>
#include <string_view>

#include "kernels/kernels.h"

namespace recfast {

enum class RowFormat : uint8_t { kF32, kF16, kI8, kI4 };

std::string_view row_format_name(RowFormat format) noexcept;  // "f32", "f16", "i8", "i4"
RowFormat parse_row_format(std::string_view name);            // ValueError for other names
int64_t row_bytes(RowFormat format, int64_t dim);             // ValueError when dim < 1 or too large

// The kernels that read a format, picked once, at compile time of an executor.
using BagKernel = decltype(KernelTable::embedding_bag_f32);
using RowsKernel = decltype(KernelTable::rows_f32);
BagKernel bag_kernel(const KernelTable& kernels, RowFormat format) noexcept;
RowsKernel rows_kernel(const KernelTable& kernels, RowFormat format) noexcept;

}  // namespace recfast
