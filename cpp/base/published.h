#pragma once
// Published: one shared pointer that writers replace while others copy it, without a lock. A reader never waits, and a
// child that was forked while another thread was inside goes on all the same: what that thread held is not freed there.
//
// std::atomic<std::shared_ptr> would do, but libstdc++ locks it by a bit of the pointer, which such a child finds set
// for ever.

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace recfast {

template <class T>
class Published {
 public:
  explicit Published(std::shared_ptr<T> value) : word_(word_of(new Node{std::move(value)})) {}
  ~Published() { delete node_of(word_.load(std::memory_order_acquire)); }
  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;

  std::shared_ptr<T> load() const noexcept {
    const uint64_t before = word_.fetch_add(kReader, std::memory_order_acquire);
    Node* node = node_of(before);  // stays until this reader has left
    std::shared_ptr<T> value = node->value;
    uint64_t now = before + kReader;
    while (node_of(now) == node) {
      if (word_.compare_exchange_weak(now, now - kReader, std::memory_order_release, std::memory_order_relaxed))
        return value;
    }
    // It was replaced meanwhile, and its readers were handed over to it.
    if (node->readers.fetch_sub(1, std::memory_order_acq_rel) == 1) delete node;
    return value;
  }

  void store(std::shared_ptr<T> value) {
    const uint64_t old = word_.exchange(word_of(new Node{std::move(value)}), std::memory_order_acq_rel);
    Node* node = node_of(old);
    const auto inside = static_cast<int64_t>(old / kReader);
    if (node->readers.fetch_add(inside, std::memory_order_acq_rel) + inside == 0) delete node;
  }

 private:
  struct Node {
    std::shared_ptr<T> value;
    std::atomic<int64_t> readers{0};  // once replaced: those that are still inside; negative until the writer adds them
  };
  // The node's address, and above it the number of readers that are inside. User space ends below 2^48.
  static constexpr uint64_t kReader = uint64_t{1} << 48;
  static uint64_t word_of(Node* node) noexcept { return reinterpret_cast<uintptr_t>(node); }
  static Node* node_of(uint64_t word) noexcept { return reinterpret_cast<Node*>(word % kReader); }
  static_assert(sizeof(void*) == 8 && std::atomic<uint64_t>::is_always_lock_free);

  mutable std::atomic<uint64_t> word_;
};

}  // namespace recfast
