#pragma once
// Reads rows of each format: 16 bytes at a time, a few columns at a time, or number by number.

#include <cuda_fp16.h>

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/rows.h"

namespace recfast::cuda {

__device__ inline float half_bits(uint16_t bits) {
  return __half2float(__ushort_as_half(bits));
}

// Both halves of a word, the low one first.
__device__ inline void two_halves(uint32_t word, float* out) {
  out[0] = half_bits(static_cast<uint16_t>(word));
  out[1] = half_bits(static_cast<uint16_t>(word >> 16));
}

struct Scale {
  float scale;
  float offset;
};

__device__ inline Scale scale_of(const uint16_t* scales, int64_t row) {
  float both[2];
  two_halves(__ldg(reinterpret_cast<const unsigned int*>(scales) + row), both);
  return {both[0], both[1]};
}

// The four codes of a word.
__device__ inline void four_codes(uint32_t word, Scale s, float* out) {
#pragma unroll
  for (int j = 0; j < 4; ++j) out[j] = fmaf(static_cast<float>(word >> 8 * j & 0xffu), s.scale, s.offset);
}

// chunk c of a row: its 16 bytes from column c * kColumns on.
struct ReadF32 {
  static constexpr int kColumns = 4;
  __device__ static void chunk(const DeviceRows& rows, int64_t row, int c, float* out) {
    const char* at = static_cast<const char*>(rows.data) + row * rows.row_bytes + 16 * c;
    const float4 v = __ldg(reinterpret_cast<const float4*>(at));
    out[0] = v.x, out[1] = v.y, out[2] = v.z, out[3] = v.w;
  }
};

struct ReadF16 {
  static constexpr int kColumns = 8;
  __device__ static void chunk(const DeviceRows& rows, int64_t row, int c, float* out) {
    const char* at = static_cast<const char*>(rows.data) + row * rows.row_bytes + 16 * c;
    const uint4 v = __ldg(reinterpret_cast<const uint4*>(at));
    two_halves(v.x, out), two_halves(v.y, out + 2), two_halves(v.z, out + 4), two_halves(v.w, out + 6);
  }
};

struct ReadI8 {
  static constexpr int kColumns = 16;
  __device__ static void chunk(const DeviceRows& rows, int64_t row, int c, float* out) {
    const char* at = static_cast<const char*>(rows.data) + row * rows.row_bytes + 16 * c;
    const uint4 v = __ldg(reinterpret_cast<const uint4*>(at));
    const Scale s = scale_of(rows.scales, row);
    four_codes(v.x, s, out), four_codes(v.y, s, out + 4), four_codes(v.z, s, out + 8), four_codes(v.w, s, out + 12);
  }
};

// The row of candidate r.
__device__ inline int64_t row_of(const Operand& x, int64_t r) {
  return x.index != nullptr ? static_cast<int64_t>(__ldg(x.index + r)) : r;
}

// Column d of candidate r's row. Plain loads: a frame may be written by the same kernel.
__device__ inline float number_of(const Operand& x, int64_t r, int64_t d) {
  const int64_t row = row_of(x, r);
  const char* at = static_cast<const char*>(x.rows.data) + row * x.rows.row_bytes;
  const int64_t column = x.column + d;
  if (x.rows.format == DeviceFormat::kF32) return reinterpret_cast<const float*>(at)[column];
  if (x.rows.format == DeviceFormat::kF16) return half_bits(reinterpret_cast<const uint16_t*>(at)[column]);
  const Scale s = scale_of(x.rows.scales, row);
  return fmaf(static_cast<float>(reinterpret_cast<const uint8_t*>(at)[column]), s.scale, s.offset);
}

// Columns d .. d + 4 of candidate r's row; the first column of the operand and d are multiples of 4, the memory behind
// f32 columns is readable up to whole 16 bytes.
__device__ inline void four_of(const Operand& x, int64_t r, int64_t d, float* out) {
  const int64_t row = row_of(x, r);
  const char* at = static_cast<const char*>(x.rows.data) + row * x.rows.row_bytes;
  const int64_t column = x.column + d;
  if (x.rows.format == DeviceFormat::kF32) {
    const float4 v = *reinterpret_cast<const float4*>(at + 4 * column);
    out[0] = v.x, out[1] = v.y, out[2] = v.z, out[3] = v.w;
  } else if (x.rows.format == DeviceFormat::kF16) {
    const uint2 v = *reinterpret_cast<const uint2*>(at + 2 * column);
    two_halves(v.x, out), two_halves(v.y, out + 2);
  } else {
    four_codes(*reinterpret_cast<const unsigned int*>(at + column), scale_of(x.rows.scales, row), out);
  }
}

// Whether four_of may read it.
inline bool by_fours(const Operand& x) {
  return x.column % 4 == 0 && x.rows.row_bytes % 16 == 0 && reinterpret_cast<uintptr_t>(x.rows.data) % 16 == 0;
}
inline bool by_fours(const Frame& y) {
  return y.stride % 4 == 0 && reinterpret_cast<uintptr_t>(y.data) % 16 == 0;
}

}  // namespace recfast::cuda
