// vector_bounds: eight neighbouring lanes share a row, as in dot_scores, which they read once for several queries;
// block y has the queries from y times their number on.

#include "kernels/cuda/kernels.h"
#include "kernels/cuda/launch.cuh"

namespace recfast::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kLanes = 8;

__device__ inline bool bit_of(const uint64_t* words, int64_t r) {
  return words == nullptr || (__ldg(reinterpret_cast<const unsigned long long*>(words) + r / 64) >> (r % 64) & 1) != 0;
}

template <int kQueries>
__global__ void __launch_bounds__(kThreads) vector_bounds_kernel(VectorBounds args, int64_t queries) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const int64_t r = thread / kLanes;
  const int lane = static_cast<int>(threadIdx.x) % kLanes;
  const int64_t first = static_cast<int64_t>(blockIdx.y) * kQueries;
  int at[kQueries];  // of the queries' vectors; of the last one once more
#pragma unroll
  for (int q = 0; q < kQueries; ++q)
    at[q] = static_cast<int>((first + q < queries ? first + q : queries - 1) * args.query_stride);
  const int stride = static_cast<int>(args.query_stride);
  const bool wanted = r < args.rows && bit_of(args.eligible, r);
  float sum[kQueries][4] = {};
  if (wanted) {
    const float* x =
        reinterpret_cast<const float*>(static_cast<const char*>(args.vectors.data) + r * args.vectors.row_bytes);
#pragma unroll 1
    for (int d = 4 * lane; d < stride; d += 4 * kLanes) {  // behind the last column queries are 0
      const float4 b = __ldg(reinterpret_cast<const float4*>(x + d));
#pragma unroll
      for (int q = 0; q < kQueries; ++q) {
        const float4 a = __ldg(reinterpret_cast<const float4*>(args.queries + at[q] + d));
        sum[q][0] = fmaf(a.x, b.x, sum[q][0]);
        sum[q][1] = fmaf(a.y, b.y, sum[q][1]);
        sum[q][2] = fmaf(a.z, b.z, sum[q][2]);
        sum[q][3] = fmaf(a.w, b.w, sum[q][3]);
      }
    }
  }
#pragma unroll
  for (int q = 0; q < kQueries; ++q) {
    float dot = (sum[q][0] + sum[q][1]) + (sum[q][2] + sum[q][3]);
#pragma unroll
    for (int other = kLanes / 2; other > 0; other /= 2) dot += __shfl_xor_sync(kAllLanes, dot, other);
    if (r >= args.rows || lane != 0 || first + q >= queries) continue;
    float bound = -INFINITY;
    if (wanted) {
      const Bound& of = args.bounds[first + q];
      const float bias = args.bias != nullptr ? fmaf(args.bias[r], of.unit, of.constant) : of.constant;
      const float base = fmaf(args.slack[r], of.reach, bias);
      const float inner = fmaf(dot, of.step, of.spread);
      bound = args.scale != nullptr ? fmaf(args.scale[r], inner, base) : inner + base;
      if (bound != bound) bound = INFINITY;
    }
    args.out[(first + q) * args.out_stride + r] = bound;
  }
}

template <int kQueries>
cudaError_t launch(const VectorBounds& args, int64_t queries, cudaStream_t stream) {
  RECFAST_LAUNCH((vector_bounds_kernel<kQueries>),
                 (dim3{blocks_for(args.rows * kLanes, kThreads), blocks_for(queries, kQueries)}), kThreads, stream,
                 args, queries);
  return cudaGetLastError();
}

}  // namespace

cudaError_t vector_bounds(const VectorBounds& args, int64_t queries, cudaStream_t stream) noexcept {
  if (args.rows == 0 || queries == 0) return cudaSuccess;
  return queries == 1 ? launch<1>(args, queries, stream) : launch<4>(args, queries, stream);
}

}  // namespace recfast::cuda
