// join_rows: a thread owns four columns of one row, or one where an operand does not begin at a multiple of four.

#include "kernels/cuda/kernels.h"
#include "kernels/cuda/read_rows.cuh"

namespace recfast::cuda {
namespace {

constexpr int kThreads = 256;

struct JoinArgs {
  Operand a;
  Operand b;
  bool two;
  bool relu;
  int64_t rows;
  int64_t width;
  Frame y;
};

template <int kColumns>
__device__ inline void read(const Operand& x, int64_t r, int64_t d, float* out) {
  if constexpr (kColumns == 4)
    four_of(x, r, d, out);
  else
    out[0] = number_of(x, r, d);
}

template <int kColumns>
__global__ void __launch_bounds__(kThreads) join_rows_kernel(JoinArgs args, int chunks) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const int64_t r = thread / chunks;
  if (r >= args.rows) return;
  const int64_t d = (thread - r * chunks) * kColumns;
  float value[kColumns];
  read<kColumns>(args.a, r, d, value);
  if (args.two) {
    float other[kColumns];
    read<kColumns>(args.b, r, d, other);
#pragma unroll
    for (int j = 0; j < kColumns; ++j) value[j] = value[j] + other[j];
  }
  if (args.relu) {
#pragma unroll
    for (int j = 0; j < kColumns; ++j) value[j] = 0.0f > value[j] ? 0.0f : value[j];  // keeps NaN
  }
  float* y = args.y.data + r * args.y.stride + d;
#pragma unroll
  for (int j = 0; j < kColumns; ++j)
    if (d + j < args.width) y[j] = value[j];
}

template <int kColumns>
cudaError_t launch(const JoinArgs& args, cudaStream_t stream) {
  const int64_t chunks = (args.width + kColumns - 1) / kColumns;
  RECFAST_LAUNCH((join_rows_kernel<kColumns>), blocks_for(args.rows * chunks, kThreads), kThreads, stream, args,
                 static_cast<int>(chunks));
  return cudaGetLastError();
}

}  // namespace

cudaError_t join_rows(const Operand& a, const Operand* b, int64_t rows, int64_t width, bool relu, Frame y,
                      cudaStream_t stream) noexcept {
  if (rows == 0 || width == 0) return cudaSuccess;
  const JoinArgs args{a, b != nullptr ? *b : a, b != nullptr, relu, rows, width, y};
  return by_fours(args.a) && by_fours(args.b) ? launch<4>(args, stream) : launch<1>(args, stream);
}

}  // namespace recfast::cuda
