// dot_scores: eight neighbouring lanes share a row. Each takes every eighth group of four columns (or every eighth
// column) and the eight sums meet by exchange.

#include "kernels/cuda/kernels.h"
#include "kernels/cuda/read_rows.cuh"

namespace recfast::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kLanes = 8;

struct DotArgs {
  Operand a;
  Operand b;
  Operand bias;
  bool biased;
  bool accumulate;
  int64_t rows;
  int64_t width;
  float* out;
  int64_t out_stride;
};

__device__ inline float dot_by_fours(const DotArgs& args, int64_t r, int lane) {
  float sum[4] = {};
  for (int64_t d = 4 * lane; d < args.width; d += 4 * kLanes) {
    float a[4], b[4];
    four_of(args.a, r, d, a);
    four_of(args.b, r, d, b);
#pragma unroll
    for (int j = 0; j < 4; ++j)
      if (d + j < args.width) sum[j] = fmaf(a[j], b[j], sum[j]);
  }
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

__device__ inline float dot_by_one(const DotArgs& args, int64_t r, int lane) {
  float sum = 0.0f;
  for (int64_t d = lane; d < args.width; d += kLanes) sum = fmaf(number_of(args.a, r, d), number_of(args.b, r, d), sum);
  return sum;
}

template <bool kFours>
__global__ void __launch_bounds__(kThreads) dot_scores_kernel(DotArgs args) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const int64_t r = thread / kLanes;
  const int lane = static_cast<int>(threadIdx.x) % kLanes;
  float sum = 0.0f;
  if (r < args.rows) sum = kFours ? dot_by_fours(args, r, lane) : dot_by_one(args, r, lane);
#pragma unroll
  for (int other = kLanes / 2; other > 0; other /= 2) sum += __shfl_xor_sync(kAllLanes, sum, other);
  if (r >= args.rows || lane != 0) return;
  float* out = args.out + r * args.out_stride;
  if (args.biased) sum += number_of(args.bias, r, 0);
  if (args.accumulate) sum += *out;
  *out = sum;
}

}  // namespace

cudaError_t dot_scores(const DotScores& what, int64_t rows, int64_t width, float* out, int64_t out_stride,
                       cudaStream_t stream) noexcept {
  if (rows == 0) return cudaSuccess;
  const bool biased = what.bias != nullptr;
  const DotArgs args{what.a, what.b,    biased ? *what.bias : what.a, biased, what.accumulate, rows, width,
                     out,    out_stride};
  const unsigned blocks = blocks_for(rows * kLanes, kThreads);
  if (by_fours(what.a) && by_fours(what.b))
    RECFAST_LAUNCH((dot_scores_kernel<true>), blocks, kThreads, stream, args);
  else
    RECFAST_LAUNCH((dot_scores_kernel<false>), blocks, kThreads, stream, args);
  return cudaGetLastError();
}

}  // namespace recfast::cuda
