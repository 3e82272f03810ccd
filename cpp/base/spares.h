#pragma once
// Spares: idle objects that threads take and give back, without a lock. A thread looks first where it left its last
// one, whose memory its core's cache still holds.

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

namespace recfast {

template <class T>
class Spares {
 public:
  Spares() = default;
  ~Spares() {
    static_assert(sizeof(T) > 0, "deleting a type that is not known here would run no destructor");
    for (auto& place : places_) delete place.load(std::memory_order_acquire);
  }
  Spares(const Spares&) = delete;
  Spares& operator=(const Spares&) = delete;

  // Null when there is none.
  std::unique_ptr<T> take() noexcept {
    const size_t home = home_of_this_thread();
    for (size_t i = 0; i < kPlaces; ++i) {
      std::atomic<T*>& place = places_[(home + i) % kPlaces];
      if (place.load(std::memory_order_relaxed) == nullptr) continue;
      if (T* spare = place.exchange(nullptr, std::memory_order_acquire)) return std::unique_ptr<T>(spare);
    }
    return nullptr;
  }

  // Keeps it, or deletes it when all places are taken.
  void give(std::unique_ptr<T> spare) noexcept {
    const size_t home = home_of_this_thread();
    for (size_t i = 0; i < kPlaces; ++i) {
      T* nothing = nullptr;
      if (places_[(home + i) % kPlaces].compare_exchange_strong(nothing, spare.get(), std::memory_order_release,
                                                                std::memory_order_relaxed)) {
        spare.release();
        return;
      }
    }
  }

 private:
  static constexpr size_t kPlaces = 64;
  static size_t home_of_this_thread() noexcept { return std::hash<std::thread::id>{}(std::this_thread::get_id()); }

  std::array<std::atomic<T*>, kPlaces> places_{};
};

}  // namespace recfast
