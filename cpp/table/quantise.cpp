#include "table/quantise.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "base/error.h"
#include "base/half.h"

namespace recfast {

namespace {

constexpr uint16_t kHalfMax = 0x7bff;  // 65504

std::string place(int64_t row, int64_t column) {
  return "row " + std::to_string(row) + ", column " + std::to_string(column);
}

void check_finite(const float* x, int64_t dim, int64_t row) {
  float zero = 0.0f;
  for (int64_t d = 0; d < dim; ++d) zero += x[d] * 0.0f;  // NaN when one of them is not finite
  if (zero == 0.0f) [[likely]]
    return;
  for (int64_t d = 0; d < dim; ++d)
    if (!std::isfinite(x[d]))
      throw ValueError("weights must be finite, got " + std::to_string(x[d]) + " at " + place(row, d));
}

[[noreturn]] void throw_too_large(const char* what, double value, int64_t row) {
  throw ValueError(std::string(what) + " " + std::to_string(value) + " of row " + std::to_string(row) +
                   " is beyond f16's largest number 65504: use dtype \"f32\" or smaller weights");
}

// The next f16 below h, which is finite and not the lowest.
uint16_t next_below(uint16_t h) {
  if ((h & 0x7fff) == 0) return 0x8001;
  return static_cast<uint16_t>((h & 0x8000) != 0 ? h + 1 : h - 1);
}

uint16_t largest_half_at_most(float lo, int64_t row) {
  uint16_t h = float_to_half(lo);
  if (half_to_float(h) > lo) h = next_below(h);
  if ((h & 0x7fff) > kHalfMax) throw_too_large("the minimum", lo, row);
  return h;
}

// The smallest f16 with largest_code * scale + offset >= hi. Exact: all terms are multiples of 2^-24 below 2^24.
uint16_t smallest_scale(double offset, float hi, double largest_code, int64_t row) {
  if (offset >= hi) return 0;
  const auto covers = [&](uint16_t h) { return largest_code * half_to_float(h) + offset >= hi; };
  const double wanted = (hi - offset) / largest_code;
  uint16_t h = wanted >= 65504.0 ? kHalfMax : float_to_half(static_cast<float>(wanted));
  while (h > 0 && covers(static_cast<uint16_t>(h - 1))) --h;
  while (h < kHalfMax && !covers(h)) ++h;
  if (!covers(h)) throw_too_large("the scale", wanted, row);
  return h;
}

// To the nearest integer, ties to even, for |x| < 2^51: without a call into libm.
double round_to_even(double x) {
  constexpr double kShift = 0x1.8p52;
  return (x + kShift) - kShift;
}

void encode_f16(const float* x, int64_t dim, int64_t row, uint8_t* out) {
  for (int64_t d = 0; d < dim; ++d) {
    const uint16_t h = float_to_half(x[d]);
    if ((h & 0x7fff) > kHalfMax) throw_too_large("a weight", x[d], row);
    std::memcpy(out + 2 * d, &h, sizeof h);
  }
}

// Codes of `bits` bits, packed from the low end of each byte on, then scale and offset.
template <int bits>
void encode_codes(const float* x, int64_t dim, int64_t row, uint8_t* out) {
  constexpr double kLargest = (1 << bits) - 1;
  constexpr int64_t kPerByte = 8 / bits;
  const auto [lo, hi] = std::minmax_element(x, x + dim);
  const uint16_t offset_bits = largest_half_at_most(*lo, row);
  const double offset = half_to_float(offset_bits);
  const uint16_t scale_bits = smallest_scale(offset, *hi, kLargest, row);
  const double scale = half_to_float(scale_bits);
  const int64_t code_bytes = (dim + kPerByte - 1) / kPerByte;
  std::memset(out, 0, static_cast<size_t>(code_bytes));
  for (int64_t d = 0; scale_bits != 0 && d < dim; ++d) {
    const double code = std::clamp(round_to_even((x[d] - offset) / scale), 0.0, kLargest);
    out[d / kPerByte] |= static_cast<uint8_t>(static_cast<int>(code) << (bits * (d % kPerByte)));
  }
  std::memcpy(out + code_bytes, &scale_bits, sizeof scale_bits);
  std::memcpy(out + code_bytes + 2, &offset_bits, sizeof offset_bits);
}

}  // namespace

void quantise_rows(const float* weights, int64_t rows, int64_t dim, RowFormat format, uint8_t* out) {
  const int64_t bytes = row_bytes(format, dim);
  for (int64_t r = 0; r < rows; ++r) {
    const float* x = weights + r * dim;
    uint8_t* y = out + r * bytes;
    check_finite(x, dim, r);
    switch (format) {
      case RowFormat::kF32:
        std::memcpy(y, x, static_cast<size_t>(bytes));
        break;
      case RowFormat::kF16:
        encode_f16(x, dim, r, y);
        break;
      case RowFormat::kI8:
        encode_codes<8>(x, dim, r, y);
        break;
      case RowFormat::kI4:
        encode_codes<4>(x, dim, r, y);
        break;
    }
  }
}

}  // namespace recfast
