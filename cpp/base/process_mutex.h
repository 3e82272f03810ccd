#pragma once
// ProcessMutex: a mutex that belongs to the process. In a child that was forked while a thread of the parent held it,
// nobody holds it. What it guards must therefore be valid at every moment: it puts writers in a row, nothing more.

#include <sys/types.h>
#include <unistd.h>

#include <atomic>

namespace recfast {

class ProcessMutex {
 public:
  void lock() noexcept {
    const pid_t self = getpid();
    pid_t owner = kNobody;
    while (!owner_.compare_exchange_strong(owner, self, std::memory_order_acquire)) {
      if (owner == self) {
        owner_.wait(self, std::memory_order_relaxed);
        owner = kNobody;
      }  // else the owner stayed in the parent: take it from there
    }
  }
  void unlock() noexcept {
    owner_.store(kNobody, std::memory_order_release);
    owner_.notify_one();
  }

 private:
  static constexpr pid_t kNobody = 0;
  std::atomic<pid_t> owner_{kNobody};
};

}  // namespace recfast
