#pragma once
// Launchers of the kernels that work on a frame, one row of it per candidate: the steps of a plan that are no gather.
// As in kernels.h, nothing is checked, allocated or waited for. Frames are f32 [rows, stride] in device memory; x, z, y
// and so on are columns of the same frame, r counts rows. Sums run in ascending order, in f32.

#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/cuda/rows.h"

namespace recfast::cuda {

// frame[r, y + o] = act(sum over i < in of frame[r, x + i] * weights[i, o] + (bias ? bias[o] : 0)
//                       + (accumulate ? frame[r, y + o] : 0)),  act = relu ? max(0, .) : .
//   weights: f32 [in, out]; bias: f32 [out] or null. x and y do not overlap.
// Bound: |error| <= (in + 3) * eps * (sum |frame * weights| + |bias| + |y|)
struct LinearArgs {
  Frame frame;
  int64_t rows = 0;
  const float* weights = nullptr;
  const float* bias = nullptr;
  int64_t in = 0;
  int64_t out = 0;
  int64_t x = 0;
  int64_t y = 0;
  bool accumulate = false;
  bool relu = false;
};
cudaError_t linear(const LinearArgs& args, cudaStream_t stream) noexcept;

// frame[r, sum + d] = sum over f < fields of frame[r, x + f * dim + d]
// frame[r, term] = sum over f < g < fields, d < dim of frame[r, x + f * dim + d] * frame[r, x + g * dim + d]
struct FmArgs {
  Frame frame;
  int64_t rows = 0;
  int64_t fields = 0;
  int64_t dim = 0;
  int64_t x = 0;
  int64_t sum = 0;
  int64_t term = 0;
};
cudaError_t fm(const FmArgs& args, cudaStream_t stream) noexcept;

// frame[r, out + d] = frame[r, x0 + d] * frame[r, z + d] + frame[r, xl + d],  d < width; out overlaps none of them
struct CrossArgs {
  Frame frame;
  int64_t rows = 0;
  int64_t width = 0;
  int64_t x0 = 0;
  int64_t z = 0;
  int64_t xl = 0;
  int64_t out = 0;
};
cudaError_t cross(const CrossArgs& args, cudaStream_t stream) noexcept;

// y[r, j * step + i] = sum over d < dim of left[r, i * left_lane + d * left_step] * right[r, j * dim + d],
// i < lanes, j < count
//   left_lane, left_step: dim and 1 for vectors one behind the other; 1 and their padded number for transposed ones
struct DotsArgs {
  Operand left;
  int64_t lanes = 1;
  int64_t left_lane = 0;
  int64_t left_step = 1;
  Operand right;
  int64_t count = 0;
  int64_t dim = 0;
  Frame y;
  int64_t step = 1;
  int64_t rows = 0;
};
cudaError_t dots(const DotsArgs& args, cudaStream_t stream) noexcept;

// frame[r, out + d] = gain[d] * frame[r, x + d] / max(sqrt(sum over d of frame[r, x + d]^2), shortest), d < width
//   gain: f32 [width] or null: ones
struct NormaliseArgs {
  Frame frame;
  int64_t rows = 0;
  int64_t width = 0;
  int64_t x = 0;
  int64_t out = 0;
  const float* gain = nullptr;
  float shortest = 0;
};
cudaError_t normalise(const NormaliseArgs& args, cudaStream_t stream) noexcept;

// y[r] = x[r, id[r, 0]]; id: a whole number as f32
cudaError_t pick(const Operand& x, const Operand& id, int64_t rows, Frame y, cudaStream_t stream) noexcept;

// y[r] = ids[r] as f32; ids: int64 [rows]
cudaError_t ids_to_numbers(const int64_t* ids, int64_t rows, Frame y, cudaStream_t stream) noexcept;

}  // namespace recfast::cuda
