// linear: a block owns 32 rows x 64 outputs, a thread 4 x 4 of them, with x and the weights in shared memory 16 columns
// at a time. For few outputs a thread owns one of one row; neighbours read the same x and neighbouring weights.

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/layers.h"

namespace recfast::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kTileRows = 32;
constexpr int kTileOuts = 64;
constexpr int kDepth = 16;                    // columns of x at a time
constexpr int kRowQuads = kTileRows / 4 + 1;  // one more, so that a column's rows begin at another bank than the next's
constexpr int kOutQuads = kTileOuts / 4;

__device__ inline float before(const LinearArgs& args, int64_t o, const float* y) {
  const float sum = args.bias != nullptr ? __ldg(args.bias + o) : 0.0f;
  return args.accumulate ? sum + *y : sum;
}

__device__ inline float after(const LinearArgs& args, float sum) {
  return args.relu && 0.0f > sum ? 0.0f : sum;  // keeps NaN
}

__global__ void __launch_bounds__(kThreads) linear_kernel(LinearArgs args) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const int64_t r = thread / args.out;
  if (r >= args.rows) return;
  const int64_t o = thread - r * args.out;
  const float* x = args.frame.data + r * args.frame.stride + args.x;
  const float* weights = args.weights + o;
  float* y = args.frame.data + r * args.frame.stride + args.y + o;
  float sum = before(args, o, y);
  for (int64_t i = 0; i < args.in; ++i) sum = fmaf(x[i], __ldg(weights + i * args.out), sum);
  *y = after(args, sum);
}

// Columns [first, first + kDepth) of the block's rows of x; 0 beyond the last row and column.
template <class Tile>
__device__ inline void load_x(const LinearArgs& args, int64_t row, int64_t first, Tile& tile) {
  const int column = static_cast<int>(threadIdx.x) % kDepth;
  const bool is_column = first + column < args.in;
  for (int r = static_cast<int>(threadIdx.x) / kDepth; r < kTileRows; r += kThreads / kDepth) {
    const bool is_number = is_column && row + r < args.rows;
    const float* x = args.frame.data + (row + r) * args.frame.stride + args.x + first + column;
    (&tile[column * kRowQuads + r / 4].x)[r % 4] = is_number ? *x : 0.0f;
  }
}

// Their weights for the block's outputs, likewise.
template <class Tile>
__device__ inline void load_weights(const LinearArgs& args, int64_t first, int64_t out, Tile& tile) {
  const int o = static_cast<int>(threadIdx.x) % kTileOuts;
  const bool is_out = out + o < args.out;
  for (int i = static_cast<int>(threadIdx.x) / kTileOuts; i < kDepth; i += kThreads / kTileOuts) {
    const bool is_number = is_out && first + i < args.in;
    (&tile[i * kOutQuads + o / 4].x)[o % 4] = is_number ? __ldg(args.weights + (first + i) * args.out + out + o) : 0.0f;
  }
}

__global__ void __launch_bounds__(kThreads) linear_tile_kernel(LinearArgs args) {
  RECFAST_SHARED(float4, x_tile, kDepth * kRowQuads);
  RECFAST_SHARED(float4, weight_tile, kDepth * kOutQuads);
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kTileRows;
  const int64_t out = static_cast<int64_t>(blockIdx.y) * kTileOuts;
  const int row_quad = static_cast<int>(threadIdx.x) / kOutQuads;
  const int out_quad = static_cast<int>(threadIdx.x) % kOutQuads;
  const int64_t own_row = row + 4 * row_quad;
  const int64_t own_out = out + 4 * out_quad;
  float* y = args.frame.data + own_row * args.frame.stride + args.y + own_out;
  const auto owns = [&](int r, int o) { return own_row + r < args.rows && own_out + o < args.out; };
  float sum[4][4];
#pragma unroll
  for (int r = 0; r < 4; ++r) {
#pragma unroll
    for (int o = 0; o < 4; ++o)
      sum[r][o] = owns(r, o) ? before(args, own_out + o, y + r * args.frame.stride + o) : 0.0f;
  }
  for (int64_t first = 0; first < args.in; first += kDepth) {
    load_x(args, row, first, x_tile);
    load_weights(args, first, out, weight_tile);
    __syncthreads();
#pragma unroll 4
    for (int i = 0; i < kDepth; ++i) {
      const float4 x = x_tile[i * kRowQuads + row_quad];
      const float4 w = weight_tile[i * kOutQuads + out_quad];
      const float xs[4] = {x.x, x.y, x.z, x.w};
      const float ws[4] = {w.x, w.y, w.z, w.w};
#pragma unroll
      for (int r = 0; r < 4; ++r) {
#pragma unroll
        for (int o = 0; o < 4; ++o) sum[r][o] = fmaf(xs[r], ws[o], sum[r][o]);
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int r = 0; r < 4; ++r) {
#pragma unroll
    for (int o = 0; o < 4; ++o)
      if (owns(r, o)) y[r * args.frame.stride + o] = after(args, sum[r][o]);
  }
}

}  // namespace

cudaError_t linear(const LinearArgs& args, cudaStream_t stream) noexcept {
  if (args.rows == 0) return cudaSuccess;
  if (args.out < kTileOuts / 4) {
    RECFAST_LAUNCH(linear_kernel, blocks_for(args.rows * args.out, kThreads), kThreads, stream, args);
  } else {
    RECFAST_LAUNCH(linear_tile_kernel, (dim3{blocks_for(args.rows, kTileRows), blocks_for(args.out, kTileOuts)}),
                   kThreads, stream, args);
  }
  return cudaGetLastError();
}

}  // namespace recfast::cuda
