#include "catalog/block_pool.h"

#include <algorithm>
#include <bit>

#include "base/checked.h"

namespace recfast {
namespace {

constexpr int64_t kWordBits = 64;
constexpr size_t kMaxGrowth = size_t{64} << 20;  // bytes that a version adds at once
constexpr int64_t kSpareSlots = 64;              // that no version minds

}  // namespace

PoolRegion::PoolRegion(int64_t slots, size_t slot_bytes, std::shared_ptr<MemoryUse> use)
    : slots_(slots),
      slot_bytes_(slot_bytes),
      memory_(checked_mul(static_cast<size_t>(slots), slot_bytes, "catalogue size")),
      free_(static_cast<size_t>((slots + kWordBits - 1) / kWordBits)),
      use_(std::move(use)) {
  for (int64_t slot = 0; slot < slots; ++slot) {
    free_[static_cast<size_t>(slot / kWordBits)].fetch_or(uint64_t{1} << (slot % kWordBits), std::memory_order_relaxed);
  }
  use_->allocated.fetch_add(static_cast<int64_t>(memory_.size()), std::memory_order_relaxed);
}

PoolRegion::~PoolRegion() {
  use_->allocated.fetch_sub(static_cast<int64_t>(memory_.size()), std::memory_order_relaxed);
}

int64_t PoolRegion::free_slots() const noexcept {
  int64_t count = 0;
  for (const auto& word : free_) count += std::popcount(word.load(std::memory_order_relaxed));
  return count;
}

PooledMemory PoolRegion::take(const std::shared_ptr<PoolRegion>& region) {
  for (size_t i = 0; i < region->free_.size(); ++i) {
    std::atomic<uint64_t>& word = region->free_[i];
    const uint64_t free = word.load(std::memory_order_relaxed);
    if (free == 0) continue;
    const int64_t slot = static_cast<int64_t>(i) * kWordBits + std::countr_zero(free);
    word.fetch_and(~(free & (~free + 1)), std::memory_order_acquire);  // its last holder has read all that it wanted
    region->use_->used.fetch_add(static_cast<int64_t>(region->slot_bytes_), std::memory_order_relaxed);
    return {region->memory_.data() + static_cast<size_t>(slot) * region->slot_bytes_,
            [region, slot](uint8_t*) { region->give(slot); }};
  }
  return nullptr;
}

void PoolRegion::give(int64_t slot) noexcept {
  use_->used.fetch_sub(static_cast<int64_t>(slot_bytes_), std::memory_order_relaxed);
  free_[static_cast<size_t>(slot / kWordBits)].fetch_or(uint64_t{1} << (slot % kWordBits), std::memory_order_release);
}

BlockPool::BlockPool(int64_t slots, size_t slot_bytes, std::shared_ptr<MemoryUse> use)
    : slot_bytes_(slot_bytes), use_(std::move(use)) {
  if (slots > 0) regions_.push_back(std::make_shared<PoolRegion>(slots, slot_bytes, use_));
}

int64_t BlockPool::count() const noexcept {
  int64_t slots = 0;
  for (const auto& region : regions_) slots += region->slots();
  return slots;
}

PooledMemory BlockPool::take() {
  for (const auto& region : regions_) {
    if (PooledMemory slot = PoolRegion::take(region)) return slot;
  }
  const auto most = std::max<int64_t>(static_cast<int64_t>(kMaxGrowth / slot_bytes_), 2);
  regions_.push_back(std::make_shared<PoolRegion>(std::clamp<int64_t>(count() / 16, 2, most), slot_bytes_, use_));
  return PoolRegion::take(regions_.back());
}

void BlockPool::drop_idle() {
  if (regions_.empty()) return;
  const std::shared_ptr<PoolRegion> youngest = regions_.back();
  std::erase_if(regions_,
                [&](const auto& region) { return region != youngest && region->free_slots() == region->slots(); });
}

bool BlockPool::wasteful() const noexcept {
  int64_t free = 0;
  for (const auto& region : regions_) free += region->free_slots();
  return free > (count() - free) / 2 + kSpareSlots;
}

}  // namespace recfast
