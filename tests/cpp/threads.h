#pragma once
// Several threads at once. CHECK is not for them: they count what is wrong, and the test checks the count.

#include <latch>
#include <thread>
#include <vector>

namespace recfast::test {

// work(0) ... work(count - 1), all begun before one of them goes on.
template <class Work>
void run_in_threads(int count, Work&& work) {
  std::latch start(count);
  std::vector<std::thread> threads;
  for (int index = 0; index < count; ++index) {
    threads.emplace_back([&, index] {
      start.arrive_and_wait();
      work(index);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace recfast::test
