#pragma once
// Launchers of the CUDA kernels: plain pointers into device memory, sizes, a stream. Arguments are not checked, nothing
// is allocated or waited for; each returns what the launch returned. The formula of a kernel stands above its launcher,
// r counts rows, d columns. A row's result depends neither on its place in the call nor on the other rows.

#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/cuda/rows.h"
#include "kernels/kernels.h"

namespace recfast::cuda {

// ids of a bag kernel: int32 or int64.
struct Ids {
  const void* data = nullptr;
  bool wide = true;  // int64
};

// out[b, d] = pool over i = offsets[b] .. offsets[b + 1] of w_i * value(table row ids[i], d);  no i: 0
//   w_i = weights ? weights[i] : 1; kMean divides the sum by the number of ids, kMax ignores weights
//   offsets: int64 [bags + 1], or null: bag b is the one id ids[b]
//   out:     f32 [bags, table.dim]
// In order of i, so bit-equal to the CPU's.
cudaError_t embedding_bag(const DeviceRows& table, Ids ids, const int64_t* offsets, int64_t bags, const float* weights,
                          Pooling pooling, Frame out, cudaStream_t stream) noexcept;

// y[r, d] = act(a[r, d] + (b ? b[r, d] : 0)), d < width;  act = relu ? max(0, .) : .
//   b: may be null; y may be a or b itself, not overlap one
cudaError_t join_rows(const Operand& a, const Operand* b, int64_t rows, int64_t width, bool relu, Frame y,
                      cudaStream_t stream) noexcept;

// out[r * out_stride] = (accumulate ? out[r * out_stride] : 0) + (bias ? bias[r] : 0) + sum over d < width of
// a[r, d] * b[r, d]
//   bias: an operand of width 1, may be null
// Bound: |error| <= (width / 8 + 4) * eps * sum |a * b|
struct DotScores {
  Operand a;
  Operand b;
  const Operand* bias = nullptr;
  bool accumulate = false;
};
cudaError_t dot_scores(const DotScores& what, int64_t rows, int64_t width, float* out, int64_t out_stride,
                       cudaStream_t stream) noexcept;

// out[q, r]: an upper bound of what row r scores, by the formula of kernel upper_bounds (kernels/cpu):
//   dot = sum over d of queries[q, d] * vectors[r, d]
//   (scale ? scale[r] : 1) * (step * dot + spread) + slack[r] * reach + ((bias ? bias[r] : 0) * unit + constant)
//   infinity where that is NaN; -infinity where row r's bit of `eligible` is 0, whose vector is not read
//   vectors: kF32, zero behind the last column up to whole 16 bytes. queries: f32 [queries, query_stride], likewise
//   zero behind the last column; query_stride: the columns, rounded up to a multiple of 4. bounds: [queries].
//   out: rows of f32, out_stride apart
// Bound: the sum is off by at most (dim + 8) * 2^-24 * |query| |vector|, which the formula's numbers cover
// (retrieval/bounds.h).
struct VectorBounds {
  DeviceRows vectors;
  int64_t rows = 0;
  const float* scale = nullptr;
  const float* slack = nullptr;
  const float* bias = nullptr;
  const uint64_t* eligible = nullptr;  // null: all rows
  const float* queries = nullptr;
  int64_t query_stride = 0;
  const Bound* bounds = nullptr;
  float* out = nullptr;
  int64_t out_stride = 0;
};
cudaError_t vector_bounds(const VectorBounds& args, int64_t queries, cudaStream_t stream) noexcept;

// best[q, 0 .. k): the k best of scores[q, 0 .. n) as ranked.cuh packs them, best first: score descending, then lower
// row, NaN last; 0 where there are fewer than k.
//   scores: f32 [queries, n], rows score_stride apart; rows: u32 [n], the row of each score, or null: 0 .. n; kNoRow:
//   none, the score does not count
//   scratch: top_k_scratch(queries, n, k) bytes, 8-byte aligned; best: u64 [queries, k]
//   1 <= k <= kMaxTopK, n < 2^32, queries < 65536
inline constexpr int64_t kMaxTopK = 1024;
inline constexpr uint32_t kNoRow = 0xffffffffu;
int64_t top_k_scratch(int64_t queries, int64_t n, int64_t k) noexcept;
cudaError_t top_k(const float* scores, int64_t score_stride, const uint32_t* rows, int64_t queries, int64_t n,
                  int64_t k, void* scratch, uint64_t* best, cudaStream_t stream) noexcept;

}  // namespace recfast::cuda
