#include "base/workers.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "base/error.h"

namespace recfast {

void check_threads(int64_t threads) {
  if (threads < 1 || threads > kMaxThreads) {
    throw ValueError("threads is in [1, " + std::to_string(kMaxThreads) + "], got " + std::to_string(threads));
  }
}

void parallel_for(int64_t count, int64_t threads, const std::function<void(int64_t, int64_t)>& task) {
  check_threads(threads);
  std::atomic<int64_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex failure;
  int64_t failed_index = count;
  std::exception_ptr thrown;
  const auto work = [&](int64_t worker) noexcept {
    while (!failed.load(std::memory_order_relaxed)) {
      const int64_t index = next.fetch_add(1, std::memory_order_relaxed);
      if (index >= count) return;
      try {
        task(index, worker);
      } catch (...) {
        const std::lock_guard lock(failure);
        if (index < failed_index) {
          failed_index = index;
          thrown = std::current_exception();
        }
        failed.store(true, std::memory_order_relaxed);
      }
    }
  };
  std::vector<std::thread> others;
  others.reserve(static_cast<size_t>(std::max<int64_t>(std::min(threads, count) - 1, 0)));
  try {
    for (int64_t worker = 1; worker < std::min(threads, count); ++worker) others.emplace_back(work, worker);
  } catch (const std::system_error&) {
  }
  work(0);
  for (std::thread& other : others) other.join();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace recfast
