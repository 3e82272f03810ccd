#pragma once
// Short-lived threads for one call. No pool: nothing outlives the call, so that a process may fork at any other time.

#include <cstdint>
#include <functional>

namespace recfast {

inline constexpr int64_t kMaxThreads = 1024;

// Throws ValueError unless 1 <= threads <= kMaxThreads.
void check_threads(int64_t threads);

// Calls task(i, worker) for every i in [0, count), on at most `threads` threads; the caller's is worker 0. Tasks are
// handed out in order. After an exception no further task begins; that of the lowest i is thrown again. A thread that
// the system refuses is done without.
void parallel_for(int64_t count, int64_t threads, const std::function<void(int64_t index, int64_t worker)>& task);

}  // namespace recfast
