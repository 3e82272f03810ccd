// normalise: a warp owns a row.

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/layers.h"

namespace recfast::cuda {
namespace {

constexpr int kThreads = 128;

__global__ void __launch_bounds__(kThreads) normalise_kernel(NormaliseArgs args) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int64_t r = static_cast<int64_t>(blockIdx.x) * (kThreads / kWarp) + static_cast<int>(threadIdx.x) / kWarp;
  if (r >= args.rows) return;  // whole warps
  const float* x = args.frame.data + r * args.frame.stride + args.x;
  float* out = args.frame.data + r * args.frame.stride + args.out;
  float square = 0.0f;
  for (int64_t d = lane; d < args.width; d += kWarp) square = fmaf(x[d], x[d], square);
  for (int by = kWarp / 2; by > 0; by /= 2) square += __shfl_xor_sync(kAllLanes, square, by);
  const float length = fmaxf(sqrtf(square), args.shortest);
  for (int64_t d = lane; d < args.width; d += kWarp) {
    const float unit = x[d] / length;
    out[d] = args.gain != nullptr ? __ldg(args.gain + d) * unit : unit;
  }
}

}  // namespace

cudaError_t normalise(const NormaliseArgs& args, cudaStream_t stream) noexcept {
  if (args.rows == 0) return cudaSuccess;
  RECFAST_LAUNCH(normalise_kernel, blocks_for(args.rows * kWarp, kThreads), kThreads, stream, args);
  return cudaGetLastError();
}

}  // namespace recfast::cuda
