#pragma once
// BlockPool: pieces of memory of one size in huge pages, one per block of rows. A version takes slots and shares them
// with later ones; who drops a slot last gives it back, and the next version takes it again: a catalogue that changes
// all day neither asks the system for memory nor scatters its rows over small pages.

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/aligned.h"
#include "base/memory_use.h"

namespace recfast {

using PooledMemory = std::shared_ptr<uint8_t>;

class PoolRegion {
 public:
  PoolRegion(int64_t slots, size_t slot_bytes, std::shared_ptr<MemoryUse> use);
  ~PoolRegion();
  PoolRegion(const PoolRegion&) = delete;
  PoolRegion& operator=(const PoolRegion&) = delete;

  int64_t slots() const noexcept { return slots_; }
  int64_t free_slots() const noexcept;
  // The first free slot, zero or with what its last holder wrote; null when there is none. One thread takes at a time;
  // slots are given back by any thread, without a lock. The slot keeps `region` alive.
  static PooledMemory take(const std::shared_ptr<PoolRegion>& region);

 private:
  void give(int64_t slot) noexcept;

  int64_t slots_;
  size_t slot_bytes_;
  AlignedBuffer<uint8_t> memory_;
  std::vector<std::atomic<uint64_t>> free_;  // a bit per slot
  std::shared_ptr<MemoryUse> use_;
};

// The regions of one version, the oldest first. A copy is the next version's, which may add regions.
class BlockPool {
 public:
  BlockPool() = default;
  // `slots` of them lie one behind the other.
  BlockPool(int64_t slots, size_t slot_bytes, std::shared_ptr<MemoryUse> use);

  size_t slot_bytes() const noexcept { return slot_bytes_; }
  // From the oldest region that has one, so that the younger ones become free again.
  PooledMemory take();
  // Lets go of regions that nobody reads, but for the youngest.
  void drop_idle();
  // Whether so much of the memory is free that the rows had better be copied together.
  bool wasteful() const noexcept;

 private:
  int64_t count() const noexcept;

  size_t slot_bytes_ = 0;
  std::shared_ptr<MemoryUse> use_;
  std::vector<std::shared_ptr<PoolRegion>> regions_;
};

}  // namespace recfast
