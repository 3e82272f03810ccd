#pragma once
// f32 weights -> rows of a format.
//
//   f16   nearest f16, ties to even
//   i8    lo, hi = min(row), max(row);  C = 255, the largest code; for i4 C = 15
//   i4    offset = largest f16 <= lo
//         scale  = smallest f16 with C * scale + offset >= hi         (0 when hi == offset)
//         code   = clamp(round((x - offset) / scale), 0, C)           in f64, ties to even; 0 when scale == 0
//         |x - (code * scale + offset)| <= scale / 2, then one f32 rounding

#include <cstdint>

#include "table/row_format.h"

namespace recfast {

// weights: f32 [rows, dim]; out: rows * row_bytes(format, dim) bytes, must not overlap weights.
// Throws ValueError naming row and column for NaN and infinity, and for what f16 cannot hold.
void quantise_rows(const float* weights, int64_t rows, int64_t dim, RowFormat format, uint8_t* out);

}  // namespace recfast
