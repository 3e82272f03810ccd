// linear: a thread owns one output of one row. Neighbouring threads read neighbouring weights and the same x.

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/layers.h"

namespace recfast::cuda {
namespace {

constexpr int kThreads = 128;

__global__ void __launch_bounds__(kThreads) linear_kernel(LinearArgs args) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const int64_t r = thread / args.out;
  if (r >= args.rows) return;
  const int64_t o = thread - r * args.out;
  const float* x = args.frame.data + r * args.frame.stride + args.x;
  const float* weights = args.weights + o;
  float* y = args.frame.data + r * args.frame.stride + args.y + o;
  float sum = args.bias != nullptr ? __ldg(args.bias + o) : 0.0f;
  if (args.accumulate) sum += *y;
  for (int64_t i = 0; i < args.in; ++i) sum = fmaf(x[i], __ldg(weights + i * args.out), sum);
  *y = args.relu && 0.0f > sum ? 0.0f : sum;  // keeps NaN
}

}  // namespace

cudaError_t linear(const LinearArgs& args, cudaStream_t stream) noexcept {
  if (args.rows == 0) return cudaSuccess;
  RECFAST_LAUNCH(linear_kernel, blocks_for(args.rows * args.out, kThreads), kThreads, stream, args);
  return cudaGetLastError();
}

}  // namespace recfast::cuda
