// dots: a thread owns one dot product of one row; neighbours share the right vector.

#include "kernels/cuda/layers.h"
#include "kernels/cuda/read_rows.cuh"

namespace recfast::cuda {
namespace {

constexpr int kThreads = 128;

__global__ void __launch_bounds__(kThreads) dots_kernel(DotsArgs args) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const int64_t products = args.lanes * args.count;
  const int64_t r = thread / products;
  if (r >= args.rows) return;
  const int64_t place = thread - r * products;
  const int64_t j = place / args.lanes;
  const int64_t i = place - j * args.lanes;
  float sum = 0.0f;
  for (int64_t d = 0; d < args.dim; ++d)
    sum = fmaf(number_of(args.left, r, i * args.left_lane + d * args.left_step),
               number_of(args.right, r, j * args.dim + d), sum);
  args.y.data[r * args.y.stride + j * args.step + i] = sum;
}

}  // namespace

cudaError_t dots(const DotsArgs& args, cudaStream_t stream) noexcept {
  if (args.rows == 0) return cudaSuccess;
  RECFAST_LAUNCH(dots_kernel, blocks_for(args.rows * args.lanes * args.count, kThreads), kThreads, stream, args);
  return cudaGetLastError();
}

}  // namespace recfast::cuda
