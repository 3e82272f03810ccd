#pragma once
// AlignedBuffer: owned memory for kernels. 64-byte aligned, zero-initialised, and padded so that a full vector may be
// read behind the last element. Large buffers ask for huge pages: random rows of a big table are bound by TLB misses.

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>

#include "base/checked.h"

namespace recfast {

inline constexpr size_t kAlignment = 64;  // bytes: a cache line, and the widest vector
inline constexpr size_t kPadding = 64;    // readable bytes behind the last element

// Zeroed memory of at least bytes + kPadding bytes; std::bad_alloc when there is none.
void* allocate_aligned(size_t bytes);
void release_aligned(void* memory) noexcept;

template <class T>
class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= kAlignment);

 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t size) { resize(size); }
  AlignedBuffer(AlignedBuffer&& other) noexcept { swap(other); }
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  ~AlignedBuffer() { release_aligned(data_); }

  // Keeps the elements up to the smaller size; further ones are zero. Allocates only beyond the largest size so far.
  void resize(size_t size) {
    if (size > capacity_) {
      T* grown = static_cast<T*>(allocate_aligned(checked_mul(size, sizeof(T), "buffer size")));
      if (size_ > 0) std::memcpy(grown, data_, size_ * sizeof(T));
      release_aligned(data_);
      data_ = grown;
      capacity_ = size;
    } else if (size > size_) {
      std::memset(data_ + size_, 0, (size - size_) * sizeof(T));
    }
    size_ = size;
  }

  T* data() noexcept { return data_; }
  const T* data() const noexcept { return data_; }
  size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::span<T> span() noexcept { return {data_, size_}; }
  std::span<const T> span() const noexcept { return {data_, size_}; }
  T& operator[](size_t i) noexcept { return data_[i]; }
  const T& operator[](size_t i) const noexcept { return data_[i]; }

 private:
  void swap(AlignedBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// The same memory for standard containers that must be copied.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) noexcept {}
  T* allocate(size_t n) { return static_cast<T*>(allocate_aligned(checked_mul(n, sizeof(T), "buffer size"))); }
  void deallocate(T* memory, size_t) noexcept { release_aligned(memory); }
  bool operator==(const AlignedAllocator&) const noexcept { return true; }
};

}  // namespace recfast
