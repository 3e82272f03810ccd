// embedding_bag: a thread owns 16 bytes of columns of one bag. It reads them of row after row, several loads in flight,
// and keeps their sum in registers; neighbouring threads read neighbouring bytes.

#include "kernels/cuda/kernels.h"
#include "kernels/cuda/read_rows.cuh"

namespace recfast::cuda {
namespace {

constexpr int kThreads = 128;

struct BagArgs {
  DeviceRows table;
  Ids ids;
  const int64_t* offsets;
  int64_t bags;
  const float* weights;
  bool mean;
  Frame out;
  int chunks;
};

// first: the sum after a bag's first row; next: after one more.
struct SumRows {
  static constexpr bool kWeighted = false;
  __device__ static float first(float value, float) { return value; }
  __device__ static float next(float sum, float value, float) { return sum + value; }
};
struct WeightedRows {
  static constexpr bool kWeighted = true;
  __device__ static float first(float value, float weight) { return weight * value; }
  __device__ static float next(float sum, float value, float weight) { return fmaf(weight, value, sum); }
};
struct MaxRows {
  static constexpr bool kWeighted = false;
  __device__ static float first(float value, float) { return value; }
  __device__ static float next(float most, float value, float) { return most > value ? most : value; }
};

__device__ inline int64_t id_at(Ids ids, int64_t i) {
  if (ids.wide) return __ldg(static_cast<const long long*>(ids.data) + i);
  return __ldg(static_cast<const int*>(ids.data) + i);
}

template <class Read, class Pool>
__global__ void __launch_bounds__(kThreads) embedding_bag_kernel(BagArgs a) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const int64_t b = thread / a.chunks;
  if (b >= a.bags) return;
  const int c = static_cast<int>(thread - b * a.chunks);
  const int64_t begin = a.offsets != nullptr ? a.offsets[b] : b;
  const int64_t end = a.offsets != nullptr ? a.offsets[b + 1] : b + 1;
  float sum[Read::kColumns] = {};
  const auto weight = [&](int64_t i) { return Pool::kWeighted ? __ldg(a.weights + i) : 1.0f; };
  if (begin < end) {
    float value[Read::kColumns];
    Read::chunk(a.table, id_at(a.ids, begin), c, value);
#pragma unroll
    for (int j = 0; j < Read::kColumns; ++j) sum[j] = Pool::first(value[j], weight(begin));
  }
#pragma unroll 4
  for (int64_t i = begin + 1; i < end; ++i) {
    float value[Read::kColumns];
    Read::chunk(a.table, id_at(a.ids, i), c, value);
    const float w = weight(i);
#pragma unroll
    for (int j = 0; j < Read::kColumns; ++j) sum[j] = Pool::next(sum[j], value[j], w);
  }
  if (a.mean && end - begin > 1) {
    const auto length = static_cast<float>(end - begin);
#pragma unroll
    for (int j = 0; j < Read::kColumns; ++j) sum[j] /= length;
  }
  const int64_t first = static_cast<int64_t>(c) * Read::kColumns;
  float* out = a.out.data + b * a.out.stride + first;
#pragma unroll
  for (int j = 0; j < Read::kColumns; ++j)
    if (first + j < a.table.dim) out[j] = sum[j];
}

template <class Read, class Pool>
cudaError_t launch(const BagArgs& a, cudaStream_t stream) {
  RECFAST_LAUNCH((embedding_bag_kernel<Read, Pool>), blocks_for(a.bags * a.chunks, kThreads), kThreads, stream, a);
  return cudaGetLastError();
}

template <class Read>
cudaError_t launch_pool(BagArgs a, Pooling pooling, cudaStream_t stream) {
  a.chunks = static_cast<int>((a.table.dim + Read::kColumns - 1) / Read::kColumns);
  if (pooling == Pooling::kMax) return launch<Read, MaxRows>(a, stream);
  if (a.weights != nullptr) return launch<Read, WeightedRows>(a, stream);
  return launch<Read, SumRows>(a, stream);
}

}  // namespace

cudaError_t embedding_bag(const DeviceRows& table, Ids ids, const int64_t* offsets, int64_t bags, const float* weights,
                          Pooling pooling, Frame out, cudaStream_t stream) noexcept {
  if (bags == 0) return cudaSuccess;
  const BagArgs args{table, ids, offsets, bags, weights, pooling == Pooling::kMean, out, 0};
  if (table.format == DeviceFormat::kF32) return launch_pool<ReadF32>(args, pooling, stream);
  if (table.format == DeviceFormat::kF16) return launch_pool<ReadF16>(args, pooling, stream);
  return launch_pool<ReadI8>(args, pooling, stream);
}

}  // namespace recfast::cuda
