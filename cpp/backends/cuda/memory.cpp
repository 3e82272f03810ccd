#include "backends/cuda/memory.h"

#include <algorithm>

#include "backends/cuda/error.h"

namespace recfast::cuda {

template <MemoryKind kKind>
void Memory<kKind>::reserve(int64_t bytes) {
  bytes = std::max<int64_t>((bytes + 255) / 256 * 256, 256);
  if (bytes <= bytes_) return;
  release();
  const auto size = static_cast<size_t>(bytes);
  const cudaError_t error = kKind == MemoryKind::kDevice ? cudaMalloc(&data_, size) : cudaMallocHost(&data_, size);
  if (error != cudaSuccess) {
    data_ = nullptr;
    refuse(error,
           (kKind == MemoryKind::kDevice ? "cudaMalloc(" : "cudaMallocHost(") + std::to_string(bytes) + " bytes)",
           __FILE__, __LINE__);
  }
  bytes_ = bytes;
}

template <MemoryKind kKind>
void Memory<kKind>::release() noexcept {
  if (data_ == nullptr) return;
  if (kKind == MemoryKind::kDevice)
    cudaFree(data_);
  else
    cudaFreeHost(data_);
  data_ = nullptr;
  bytes_ = 0;
}

template class Memory<MemoryKind::kDevice>;
template class Memory<MemoryKind::kPinned>;

Stream::Stream() {
  RECFAST_CUDA_CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
}

Stream::~Stream() {
  if (stream_ != nullptr) cudaStreamDestroy(stream_);
}

void Stream::wait() const {
  RECFAST_CUDA_CHECK(cudaStreamSynchronize(stream_));
}

void upload(void* to, const void* from, int64_t bytes, cudaStream_t stream) {
  if (bytes > 0)
    RECFAST_CUDA_CHECK(cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), cudaMemcpyHostToDevice, stream));
}

void download(void* to, const void* from, int64_t bytes, cudaStream_t stream) {
  if (bytes > 0)
    RECFAST_CUDA_CHECK(cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), cudaMemcpyDeviceToHost, stream));
}

void upload_now(void* to, const void* from, int64_t bytes) {
  if (bytes <= 0) return;
  RECFAST_CUDA_CHECK(cudaMemcpy(to, from, static_cast<size_t>(bytes), cudaMemcpyHostToDevice));
  RECFAST_CUDA_CHECK(cudaStreamSynchronize(nullptr));  // the copy of pageable memory may still be on its way
}

}  // namespace recfast::cuda
