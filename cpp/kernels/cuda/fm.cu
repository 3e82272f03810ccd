// fm: a warp owns a row; its lanes take every 32nd dimension.

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/layers.h"

namespace recfast::cuda {
namespace {

constexpr int kThreads = 128;

__global__ void __launch_bounds__(kThreads) fm_kernel(FmArgs args) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int64_t r = static_cast<int64_t>(blockIdx.x) * (kThreads / kWarp) + static_cast<int>(threadIdx.x) / kWarp;
  if (r >= args.rows) return;  // whole warps
  float* row = args.frame.data + r * args.frame.stride;
  float term = 0.0f;
  for (int64_t d = lane; d < args.dim; d += kWarp) {
    float sum = 0.0f;
    float pairs = 0.0f;  // sum over f of x_f times the fields before it: no difference of large squares
    for (int64_t f = 0; f < args.fields; ++f) {
      const float x = row[args.x + f * args.dim + d];
      pairs = fmaf(sum, x, pairs);
      sum += x;
    }
    row[args.sum + d] = sum;
    term += pairs;
  }
  for (int by = kWarp / 2; by > 0; by /= 2) term += __shfl_xor_sync(kAllLanes, term, by);
  if (lane == 0) row[args.term] = term;
}

}  // namespace

cudaError_t fm(const FmArgs& args, cudaStream_t stream) noexcept {
  if (args.rows == 0) return cudaSuccess;
  RECFAST_LAUNCH(fm_kernel, blocks_for(args.rows * kWarp, kThreads), kThreads, stream, args);
  return cudaGetLastError();
}

}  // namespace recfast::cuda
