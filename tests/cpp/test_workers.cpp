#include "base/workers.h"

#include <atomic>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "cpp/check.h"

using namespace recfast;

TEST(every_task_runs_once) {
  for (const int64_t threads : {1, 2, 7}) {
    for (const int64_t count : {0, 1, 2, 100}) {
      std::vector<std::atomic<int>> runs(static_cast<size_t>(count));
      std::atomic<int> wrong{0};
      parallel_for(count, threads, [&](int64_t i, int64_t worker) {
        ++runs[static_cast<size_t>(i)];
        if (worker < 0 || worker >= threads) ++wrong;
      });
      for (const auto& n : runs) wrong += n != 1;
      CHECK(wrong == 0);
    }
  }
}

TEST(the_first_failure_is_thrown) {
  for (const int64_t threads : {1, 3}) {
    std::string message;
    try {
      parallel_for(50, threads, [&](int64_t i, int64_t) {
        if (i == 7 || i == 8 || i == 30) throw ValueError("task " + std::to_string(i));
      });
    } catch (const ValueError& error) {
      message = error.what();
    }
    CHECK(message == "task 7");
  }
}

TEST(threads_are_bounded) {
  for (const int64_t threads : {int64_t{0}, int64_t{-1}, kMaxThreads + 1, int64_t{1} << 40}) {
    bool refused = false;
    try {
      parallel_for(1, threads, [](int64_t, int64_t) {});
    } catch (const ValueError& error) {
      refused = std::string(error.what()).find("[1, 1024]") != std::string::npos;
    }
    CHECK(refused);
  }
}

TEST(an_arena_gives_aligned_zeros) {
  Arena arena;
  std::vector<float*> all;
  for (const size_t count : {size_t{1}, size_t{17}, size_t{100'000}, size_t{700'000}, size_t{3}}) {
    float* numbers = arena.floats(count);
    CHECK(reinterpret_cast<uintptr_t>(numbers) % 64 == 0);
    bool zero = true;
    for (size_t i = 0; i < count; ++i) zero &= numbers[i] == 0.0f;
    CHECK(zero);
    for (size_t i = 0; i < count; ++i) numbers[i] = static_cast<float>(all.size() + 1);
    all.push_back(numbers);
  }
  for (size_t i = 0; i < all.size(); ++i) CHECK(all[i][0] == static_cast<float>(i + 1));
}
