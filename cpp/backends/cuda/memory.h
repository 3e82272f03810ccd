#pragma once
// Owned memory of the device, pinned memory of the host, and a stream.

#include <cuda_runtime.h>

#include <cstdint>
#include <utility>

namespace recfast::cuda {

enum class MemoryKind : uint8_t { kDevice, kPinned };

// Grows, never shrinks; growing loses what it held.
template <MemoryKind kKind>
class Memory {
 public:
  Memory() = default;
  explicit Memory(int64_t bytes) { reserve(bytes); }
  ~Memory() { release(); }
  Memory(Memory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Memory& operator=(Memory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  // At least that many bytes. Throws OutOfDeviceMemory saying how many.
  void reserve(int64_t bytes);
  int64_t bytes() const noexcept { return bytes_; }
  template <class T>
  T* as(int64_t offset_bytes = 0) const noexcept {
    return reinterpret_cast<T*>(static_cast<char*>(data_) + offset_bytes);
  }

 private:
  void release() noexcept;
  void* data_ = nullptr;
  int64_t bytes_ = 0;
};
using DeviceMemory = Memory<MemoryKind::kDevice>;
using PinnedMemory = Memory<MemoryKind::kPinned>;

class Stream {
 public:
  Stream();
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  cudaStream_t get() const noexcept { return stream_; }
  void wait() const;

 private:
  cudaStream_t stream_ = nullptr;
};

// Host to device, or back; when it has begun on the stream.
void upload(void* to, const void* from, int64_t bytes, cudaStream_t stream);
void download(void* to, const void* from, int64_t bytes, cudaStream_t stream);
// At once.
void upload_now(void* to, const void* from, int64_t bytes);

template <class T>
DeviceMemory uploaded(const T* data, int64_t count) {
  DeviceMemory memory(count * static_cast<int64_t>(sizeof(T)));
  upload_now(memory.as<void>(), data, count * static_cast<int64_t>(sizeof(T)));
  return memory;
}

}  // namespace recfast::cuda
