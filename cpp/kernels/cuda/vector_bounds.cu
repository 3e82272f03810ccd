// vector_bounds: eight neighbouring lanes share a row, as in dot_scores; block y is query y.

#include "kernels/cuda/kernels.h"
#include "kernels/cuda/launch.cuh"

namespace recfast::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kLanes = 8;

__device__ inline bool bit_of(const uint64_t* words, int64_t r) {
  return words == nullptr || (__ldg(reinterpret_cast<const unsigned long long*>(words) + r / 64) >> (r % 64) & 1) != 0;
}

__global__ void __launch_bounds__(kThreads) vector_bounds_kernel(VectorBounds args) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const int64_t r = thread / kLanes;
  const int lane = static_cast<int>(threadIdx.x) % kLanes;
  const bool wanted = r < args.rows && bit_of(args.eligible, r);
  float sum[4] = {};
  if (wanted) {
    const float* x =
        reinterpret_cast<const float*>(static_cast<const char*>(args.vectors.data) + r * args.vectors.row_bytes);
    const float* q = args.queries + static_cast<int64_t>(blockIdx.y) * args.query_stride;
    for (int64_t d = 4 * lane; d < args.query_stride; d += 4 * kLanes) {  // behind the last column q is 0
      const float4 a = __ldg(reinterpret_cast<const float4*>(q + d));
      const float4 b = __ldg(reinterpret_cast<const float4*>(x + d));
      sum[0] = fmaf(a.x, b.x, sum[0]);
      sum[1] = fmaf(a.y, b.y, sum[1]);
      sum[2] = fmaf(a.z, b.z, sum[2]);
      sum[3] = fmaf(a.w, b.w, sum[3]);
    }
  }
  float dot = (sum[0] + sum[1]) + (sum[2] + sum[3]);
#pragma unroll
  for (int other = kLanes / 2; other > 0; other /= 2) dot += __shfl_xor_sync(kAllLanes, dot, other);
  if (r >= args.rows || lane != 0) return;
  float bound = -INFINITY;
  if (wanted) {
    const Bound& of = args.bounds[blockIdx.y];
    const float bias = args.bias != nullptr ? fmaf(args.bias[r], of.unit, of.constant) : of.constant;
    const float base = fmaf(args.slack[r], of.reach, bias);
    const float inner = fmaf(dot, of.step, of.spread);
    bound = args.scale != nullptr ? fmaf(args.scale[r], inner, base) : inner + base;
    if (bound != bound) bound = INFINITY;
  }
  args.out[static_cast<int64_t>(blockIdx.y) * args.out_stride + r] = bound;
}

}  // namespace

cudaError_t vector_bounds(const VectorBounds& args, int64_t queries, cudaStream_t stream) noexcept {
  if (args.rows == 0 || queries == 0) return cudaSuccess;
  RECFAST_LAUNCH(vector_bounds_kernel, (dim3{blocks_for(args.rows * kLanes, kThreads), static_cast<unsigned>(queries)}),
                 kThreads, stream, args);
  return cudaGetLastError();
}

}  // namespace recfast::cuda
