#pragma once
// What the versions of one catalogue hold together, all their parts: counters that any thread may move, at any moment,
// without a lock.

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace recfast {

struct MemoryUse {
  std::atomic<int64_t> used{0};       // bytes that some version reads
  std::atomic<int64_t> allocated{0};  // used, slots that the next version may take, and what lies between used pieces
  std::atomic<int64_t> versions{0};   // that are alive
};

// Moves one counter as long as it lives. use: null where nobody asks.
class Counted {
 public:
  Counted(std::shared_ptr<MemoryUse> use, std::atomic<int64_t> MemoryUse::* counter, int64_t amount) noexcept
      : use_(std::move(use)), counter_(counter), amount_(amount) {
    if (use_ != nullptr) ((*use_).*counter_).fetch_add(amount_, std::memory_order_relaxed);
  }
  ~Counted() {
    if (use_ != nullptr) ((*use_).*counter_).fetch_sub(amount_, std::memory_order_relaxed);
  }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::shared_ptr<MemoryUse> use_;
  std::atomic<int64_t> MemoryUse::* counter_;
  int64_t amount_;
};

// A shared value whose bytes are counted as used and allocated.
template <class T>
std::shared_ptr<T> counted(const std::shared_ptr<MemoryUse>& use, T value, int64_t bytes) {
  struct Held {
    Held(T value, const std::shared_ptr<MemoryUse>& use, int64_t bytes)
        : value(std::move(value)), used(use, &MemoryUse::used, bytes), allocated(use, &MemoryUse::allocated, bytes) {}
    T value;
    Counted used;
    Counted allocated;
  };
  auto held = std::make_shared<Held>(std::move(value), use, bytes);
  T* at = &held->value;
  return {std::move(held), at};
}

}  // namespace recfast
