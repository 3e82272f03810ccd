// pick and ids_to_numbers: a thread owns a row.

#include "kernels/cuda/layers.h"
#include "kernels/cuda/read_rows.cuh"

namespace recfast::cuda {
namespace {

constexpr int kThreads = 256;

__global__ void __launch_bounds__(kThreads) pick_kernel(Operand x, Operand id, int64_t rows, Frame y) {
  const int64_t r = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (r < rows) y.data[r * y.stride] = number_of(x, r, static_cast<int64_t>(number_of(id, r, 0)));
}

__global__ void __launch_bounds__(kThreads) ids_kernel(const int64_t* ids, int64_t rows, Frame y) {
  const int64_t r = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (r < rows) y.data[r * y.stride] = static_cast<float>(ids[r]);
}

}  // namespace

cudaError_t pick(const Operand& x, const Operand& id, int64_t rows, Frame y, cudaStream_t stream) noexcept {
  if (rows == 0) return cudaSuccess;
  RECFAST_LAUNCH(pick_kernel, blocks_for(rows, kThreads), kThreads, stream, x, id, rows, y);
  return cudaGetLastError();
}

cudaError_t ids_to_numbers(const int64_t* ids, int64_t rows, Frame y, cudaStream_t stream) noexcept {
  if (rows == 0) return cudaSuccess;
  RECFAST_LAUNCH(ids_kernel, blocks_for(rows, kThreads), kThreads, stream, ids, rows, y);
  return cudaGetLastError();
}

}  // namespace recfast::cuda
