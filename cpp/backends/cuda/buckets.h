#pragma once
// Buckets: the idle arenas of a kind, by size, the smallest first. Where the device's memory is not enough for one, the
// next smaller one is taken, and remembered as the largest.
//
// An arena has `const Stream stream`.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

#include "backends/cuda/error.h"
#include "base/spares.h"

namespace recfast::cuda {

template <class Arena, size_t kCount>
class Buckets {
 public:
  // The largest that the device's memory was enough for so far.
  size_t largest() const noexcept { return largest_.load(std::memory_order_relaxed); }

  // An arena, until the end of the scope.
  class Lease {
   public:
    // make(bucket): a new arena; throws OutOfDeviceMemory. Where that is thrown for the smallest, calls refuse(error),
    // which throws.
    template <class Make, class Refuse>
    Lease(Buckets& buckets, size_t bucket, Make&& make, Refuse&& refuse)
        : buckets_(buckets), bucket_(std::min(bucket, buckets.largest())) {
      for (;; --bucket_) {
        arena_ = buckets_.idle_[bucket_].take();
        if (arena_ != nullptr) return;
        try {
          arena_ = make(bucket_);
          return;
        } catch (const OutOfDeviceMemory& error) {
          if (bucket_ == 0) refuse(error);
          buckets_.shrink_below(bucket_);
        }
      }
    }
    ~Lease() {
      cudaStreamSynchronize(arena_->stream.get());  // after an error, what has begun may still write
      buckets_.idle_[bucket_].give(std::move(arena_));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Arena& operator*() const noexcept { return *arena_; }
    Arena* operator->() const noexcept { return arena_.get(); }

   private:
    Buckets& buckets_;
    size_t bucket_;
    std::unique_ptr<Arena> arena_;
  };

 private:
  void shrink_below(size_t bucket) noexcept {
    size_t known = largest();
    while (known >= bucket && !largest_.compare_exchange_weak(known, bucket - 1, std::memory_order_relaxed)) {
    }
  }

  std::atomic<size_t> largest_{kCount - 1};
  std::array<Spares<Arena>, kCount> idle_;
};

}  // namespace recfast::cuda
