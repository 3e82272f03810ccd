#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <mutex>

#include "base/process_mutex.h"
#include "base/published.h"
#include "base/spares.h"
#include "cpp/check.h"
#include "cpp/threads.h"

using namespace recfast;
using namespace recfast::test;

namespace {

std::atomic<int> alive{0};

// Two numbers that agree until it is destroyed.
struct Twins {
  explicit Twins(int64_t value) : first(value), second(value) { ++alive; }
  ~Twins() {
    first = -1;
    --alive;
  }
  int64_t first;
  int64_t second;
};

// The exit status of `work` in a forked child; -1 when it did not come back within 20 seconds.
template <class Work>
int in_child(Work&& work) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    _exit(work() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST(published_values_are_whole_and_die_with_their_last_reader) {
  constexpr int64_t kVersions = 3000;
  std::atomic<int> wrong{0};
  {
    Published<const Twins> published(std::make_shared<const Twins>(0));
    std::atomic<bool> done{false};
    run_in_threads(4, [&](int index) {
      if (index == 0) {
        for (int64_t version = 1; version <= kVersions; ++version)
          published.store(std::make_shared<const Twins>(version));
        done = true;
        return;
      }
      int64_t seen = 0;
      while (!done) {
        const std::shared_ptr<const Twins> now = published.load();
        if (now->first != now->second || now->first < seen) ++wrong;
        seen = now->first;
      }
    });
    CHECK(wrong == 0);
    CHECK(alive == 1);
    CHECK(published.load()->first == kVersions);
    const std::shared_ptr<const Twins> kept = published.load();
    published.store(std::make_shared<const Twins>(7));
    CHECK(alive == 2 && kept->first == kVersions);
  }
  CHECK(alive == 0);
}

TEST(a_process_mutex_lets_one_in_at_a_time) {
  ProcessMutex mutex;
  int64_t count = 0;
  run_in_threads(4, [&](int) {
    for (int i = 0; i < 2000; ++i) {
      const std::lock_guard lock(mutex);
      ++count;
    }
  });
  CHECK(count == 8000);
}

TEST(a_forked_child_does_not_wait_for_a_thread_of_its_parent) {
  ProcessMutex mutex;
  const std::lock_guard held(mutex);
  CHECK(in_child([&] {
          for (int i = 0; i < 2; ++i) const std::lock_guard own(mutex);
          return true;
        }) == 0);
}

TEST(spares_are_handed_to_one_thread_at_a_time) {
  struct Spare {
    std::atomic<bool> in_use{false};
    int64_t uses = 0;
  };
  Spares<Spare> spares;
  std::atomic<int> wrong{0};
  std::atomic<int64_t> made{0};
  run_in_threads(4, [&](int) {
    for (int i = 0; i < 5000; ++i) {
      std::unique_ptr<Spare> spare = spares.take();
      if (!spare) {
        spare = std::make_unique<Spare>();
        ++made;
      }
      if (spare->in_use.exchange(true)) ++wrong;
      ++spare->uses;
      spare->in_use = false;
      spares.give(std::move(spare));
    }
  });
  CHECK(wrong == 0);
  CHECK(made <= 4);
  int64_t uses = 0;
  while (const std::unique_ptr<Spare> spare = spares.take()) uses += spare->uses;
  CHECK(uses == 20000);
}

TEST(more_spares_than_there_are_places_are_freed) {
  Spares<int> spares;
  for (int i = 0; i < 100; ++i) spares.give(std::make_unique<int>(i));
  int kept = 0;
  while (spares.take()) ++kept;
  CHECK(kept == 64);
}
