// cross: a thread owns one column of one row.

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/layers.h"

namespace recfast::cuda {
namespace {

constexpr int kThreads = 256;

__global__ void __launch_bounds__(kThreads) cross_kernel(CrossArgs args) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const int64_t r = thread / args.width;
  if (r >= args.rows) return;
  const int64_t d = thread - r * args.width;
  float* row = args.frame.data + r * args.frame.stride;
  row[args.out + d] = fmaf(row[args.x0 + d], row[args.z + d], row[args.xl + d]);
}

}  // namespace

cudaError_t cross(const CrossArgs& args, cudaStream_t stream) noexcept {
  if (args.rows == 0) return cudaSuccess;
  RECFAST_LAUNCH(cross_kernel, blocks_for(args.rows * args.width, kThreads), kThreads, stream, args);
  return cudaGetLastError();
}

}  // namespace recfast::cuda
