// top_k: a block sorts a chunk of keys in shared memory (a bitonic network) and keeps its best k; passes over what was
// kept follow until one block holds everything.

#include "kernels/cuda/kernels.h"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/ranked.cuh"

namespace recfast::cuda {
namespace {

constexpr int kChunk = 4096;  // keys of a block, 32 KiB of shared memory
constexpr int kThreads = 512;

int64_t chunks_of(int64_t n) {
  return n > 0 ? (n + kChunk - 1) / kChunk : 1;
}

// Where a pass takes its keys from: scores at first, then the keys of the pass before.
struct FromScores {
  const float* scores;
  const uint32_t* rows;
  int64_t stride;
  __device__ uint64_t key(unsigned query, int64_t i) const {
    const uint32_t row = rows != nullptr ? rows[i] : static_cast<uint32_t>(i);
    return row == kNoRow ? 0 : ranked(scores[query * stride + i], row);
  }
};
struct FromKeys {
  const uint64_t* keys;
  int64_t stride;
  __device__ uint64_t key(unsigned query, int64_t i) const { return keys[query * stride + i]; }
};

// Sorts `size` keys, a power of two, descending.
__device__ void sort_keys(uint64_t* keys, int size) {
  for (int run = 2; run <= size; run *= 2) {
    for (int distance = run / 2; distance > 0; distance /= 2) {
      __syncthreads();
      for (int t = static_cast<int>(threadIdx.x); t < size / 2; t += kThreads) {
        const int low = 2 * t - (t & (distance - 1));
        const int high = low + distance;
        const uint64_t a = keys[low];
        const uint64_t b = keys[high];
        if ((a < b) == ((low & run) == 0)) {
          keys[low] = b;
          keys[high] = a;
        }
      }
    }
  }
  __syncthreads();
}

// Block (x, y): the best k of chunk x of query y to out[y, x, 0 .. k).
template <class From>
__global__ void __launch_bounds__(kThreads) top_k_kernel(From from, int64_t n, int k, uint64_t* out) {
  RECFAST_SHARED(uint64_t, keys, kChunk);
  const int64_t begin = static_cast<int64_t>(blockIdx.x) * kChunk;
  const int64_t rest = n - begin;
  const int count = rest < kChunk ? static_cast<int>(rest) : kChunk;
  int size = 2;
  while (size < count || size < k) size *= 2;
  for (int i = static_cast<int>(threadIdx.x); i < size; i += kThreads)
    keys[i] = i < count ? from.key(blockIdx.y, begin + i) : 0;
  sort_keys(keys, size);
  uint64_t* best = out + (static_cast<int64_t>(blockIdx.y) * gridDim.x + blockIdx.x) * k;
  for (int i = static_cast<int>(threadIdx.x); i < k; i += kThreads) best[i] = keys[i];
}

}  // namespace

int64_t top_k_scratch(int64_t queries, int64_t n, int64_t k) noexcept {
  const int64_t chunks = chunks_of(n);
  if (chunks == 1) return 0;
  const int64_t first = chunks * k;
  const int64_t second = chunks_of(first) > 1 ? chunks_of(first) * k : 0;
  return queries * (first + second) * static_cast<int64_t>(sizeof(uint64_t));
}

cudaError_t top_k(const float* scores, int64_t score_stride, const uint32_t* rows, int64_t queries, int64_t n,
                  int64_t k, void* scratch, uint64_t* best, cudaStream_t stream) noexcept {
  if (queries == 0) return cudaSuccess;
  const int count = static_cast<int>(k);
  int64_t chunks = chunks_of(n);
  auto* kept = static_cast<uint64_t*>(scratch);
  uint64_t* next = kept + queries * chunks * k;
  RECFAST_LAUNCH((top_k_kernel<FromScores>), (dim3{static_cast<unsigned>(chunks), static_cast<unsigned>(queries)}),
                 kThreads, stream, FromScores{scores, rows, score_stride}, n, count, chunks == 1 ? best : kept);
  while (chunks > 1) {
    const int64_t keys = chunks * k;
    chunks = chunks_of(keys);
    RECFAST_LAUNCH((top_k_kernel<FromKeys>), (dim3{static_cast<unsigned>(chunks), static_cast<unsigned>(queries)}),
                   kThreads, stream, FromKeys{kept, keys}, keys, count, chunks == 1 ? best : next);
    uint64_t* const written = next;
    next = kept;
    kept = written;
  }
  return cudaGetLastError();
}

}  // namespace recfast::cuda
