#include "emulator.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "fiber.h"

namespace emulator {
namespace {

constexpr int kLanes = 32;
constexpr unsigned char kPoison = 0xCD;

struct Thread {
  uint3 index{};
  int number = 0;
  bool started = false;
  bool ended = false;
  // What it waits for: the barrier's turn must become another one.
  const uint64_t* turn = nullptr;
  uint64_t waits_for = 0;
  struct Worker* worker = nullptr;
};

// A fiber and the thread that it runs, null between threads.
struct Worker {
  explicit Worker(void (*work)(void*)) : fiber(work, this) {}
  Fiber fiber;
  Thread* thread = nullptr;
};

// Lanes meet here. A meeting has values of its own: a lane may be at the next one before the others have read.
struct Warp {
  uint64_t turn = 0;
  uint32_t mask = 0;  // of the lanes that wait, as each of them said
  uint32_t arrived = 0;
  uint64_t values[2][kLanes] = {};
  uint64_t order[2] = {};  // for ThreadSanitizer, which tells apart what is 8 bytes apart
};

struct FreeDeleter {
  void operator()(void* memory) const { std::free(memory); }
};

struct Block {
  const char* kernel = nullptr;
  dim3 grid;
  dim3 size;
  uint3 index{};
  const std::function<void()>* body = nullptr;
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  uint64_t turn = 0;  // of the barrier
  int arrived = 0;
  int live = 0;
  uint64_t order[2] = {};  // for ThreadSanitizer, which tells apart what is 8 bytes apart
  uint64_t start = 0;
  uint64_t end = 0;
  using Memory = std::map<const void*, std::unique_ptr<void, FreeDeleter>>;
  Memory shared;
  std::vector<Memory>
      earlier;                 // ThreadSanitizer alone: blocks of a grid are not ordered, so nothing is freed meanwhile
  std::vector<Thread*> queue;  // in the order of this round
  size_t next = 0;
};

thread_local Block* block = nullptr;
thread_local Thread* self = nullptr;

void wait(const uint64_t& turn) {
  self->turn = &turn;
  self->waits_for = turn;
  self->worker->fiber.stop();
}

void open_barrier() {
  block->arrived = 0;
  ++block->turn;
}

void run_thread(Thread& thread, Worker* worker) {
  self = &thread;
  thread.started = true;
  thread.worker = worker;
  happens_after(&block->start);
  (*block->body)();
  happens_before(&block->end);
  thread.ended = true;
  if (--block->live > 0 && block->arrived == block->live) open_barrier();  // those that have ended count as arrived
}

// The workers of this host thread; they stay for the next block and the next grid.
class Workers {
 public:
  void start(Thread& thread) {
    if (idle_.empty()) {
      all_.push_back(std::make_unique<Worker>(&Workers::work));
      idle_.push_back(all_.back().get());
    }
    Worker* const chosen = idle_.back();
    idle_.pop_back();
    chosen->thread = &thread;
    resume(chosen);
  }
  void resume(Worker* chosen) {
    chosen->fiber.resume();
    if (chosen->thread == nullptr) (kThreadSanitizer ? resting_[0] : idle_).push_back(chosen);
  }
  // Under ThreadSanitizer a fiber is one thread, and what it does is ordered. So none runs two threads of a block, or
  // of a block and the next.
  void begin_block() {
    idle_.insert(idle_.end(), resting_[1].begin(), resting_[1].end());
    resting_[1] = std::move(resting_[0]);
    resting_[0].clear();
  }

 private:
  // Runs threads, one after the other, until one of them has to wait in the middle.
  static void work(void* argument) {
    auto* const own = static_cast<Worker*>(argument);
    for (;;) {
      run_thread(*own->thread, own);
      const bool more = !kThreadSanitizer && block->next < block->queue.size() && !block->queue[block->next]->started;
      own->thread = more ? block->queue[block->next++] : nullptr;
      if (!more) own->fiber.stop();
    }
  }

  std::vector<std::unique_ptr<Worker>> all_;
  std::vector<Worker*> idle_;
  std::vector<Worker*> resting_[2];  // since this block, since the one before
};

class Order {
 public:
  Order() {
    const char* text = std::getenv("RECFAST_EMULATOR_ORDER");
    name_ = text != nullptr ? text : "forward";
    if (name_ != "forward" && name_ != "reverse") random_.seed(std::strtoul(name_.c_str(), nullptr, 10));
  }
  void arrange(std::vector<Thread*>& threads) {
    if (name_ == "reverse") {
      std::sort(threads.begin(), threads.end(), [](Thread* a, Thread* b) { return a->number > b->number; });
    } else if (name_ != "forward") {
      std::shuffle(threads.begin(), threads.end(), random_);
    }
  }

 private:
  std::string name_;
  std::mt19937 random_;
};

void run_block(Order& order, Workers& workers) {
  const size_t count = block->threads.size();
  workers.begin_block();
  if (kThreadSanitizer) block->earlier.push_back(std::move(block->shared));
  block->shared.clear();
  std::fill(block->warps.begin(), block->warps.end(), Warp{});
  block->turn = 0;
  block->arrived = 0;
  block->live = static_cast<int>(count);
  for (Thread& thread : block->threads) {
    thread.started = thread.ended = false;
    thread.turn = nullptr;
  }
  std::vector<Thread*> threads(count);
  for (size_t i = 0; i < count; ++i) threads[i] = &block->threads[i];
  while (block->live > 0) {
    order.arrange(threads);
    block->queue = threads;
    bool moved = false;
    for (block->next = 0; block->next < count;) {
      Thread& thread = *block->queue[block->next++];
      if (thread.ended || (thread.turn != nullptr && *thread.turn == thread.waits_for)) continue;
      moved = true;
      thread.turn = nullptr;
      if (!thread.started) {
        workers.start(thread);
      } else {
        self = &thread;
        workers.resume(thread.worker);
      }
    }
    if (!moved) {
      const auto waiting = std::find_if(threads.begin(), threads.end(), [](Thread* t) { return !t->ended; });
      self = *waiting;
      fail(self->turn == &block->turn ? "waits at a barrier that the others do not reach"
                                      : "waits for lanes of its mask that do not come");
    }
  }
}

// The meeting of the lanes of a mask; returns where their values lie.
const uint64_t* meet(uint32_t mask, uint64_t value) {
  Warp& warp = block->warps[static_cast<size_t>(self->number / kLanes)];
  const uint32_t own = uint32_t{1} << (self->number % kLanes);
  if ((mask & own) == 0) fail("a lane exchanges that is not in its own mask");
  if (warp.arrived == 0) warp.mask = mask;
  if (warp.mask != mask) fail("lanes of one exchange name different masks");
  const auto area = static_cast<size_t>(warp.turn % 2);
  warp.values[area][self->number % kLanes] = value;
  happens_before(&warp.order[area]);
  warp.arrived |= own;
  if (warp.arrived == mask) {
    warp.arrived = 0;
    ++warp.turn;
  } else {
    wait(warp.turn);
  }
  happens_after(&warp.order[area]);
  return warp.values[area];
}

}  // namespace

void fail(const char* what) {
  if (block != nullptr && self != nullptr) {
    std::fprintf(stderr, "emulator: %s: block (%u, %u), thread %d: %s\n", block->kernel, block->index.x, block->index.y,
                 self->number, what);
  } else {
    std::fprintf(stderr, "emulator: %s\n", what);
  }
  std::fflush(stderr);
  std::abort();
}

uint3 thread_index() {
  return self->index;
}
uint3 block_index() {
  return block->index;
}
dim3 block_size() {
  return block->size;
}
dim3 grid_size() {
  return block->grid;
}

void wait_for_block() {
  uint64_t* const order = &block->order[block->turn % 2];
  happens_before(order);
  if (++block->arrived == block->live)
    open_barrier();
  else
    wait(block->turn);
  happens_after(order);
}

void wait_for_lanes(uint32_t mask) {
  meet(mask, 0);
}

uint64_t exchange(uint32_t mask, uint64_t value, int from) {
  const uint64_t* values = meet(mask, value);
  if (from < 0 || from >= kLanes) return value;
  if ((mask >> from & 1) == 0) fail("a lane reads from one that is not in the mask");
  return values[from];
}

uint32_t vote(uint32_t mask, bool value) {
  const uint64_t* values = meet(mask, value ? 1 : 0);
  uint32_t voted = 0;
  for (int lane = 0; lane < kLanes; ++lane)
    if ((mask >> lane & 1) != 0 && values[lane] != 0) voted |= uint32_t{1} << lane;
  return voted;
}

void* shared_memory(const void* declaration, size_t bytes) {
  auto& memory = block->shared[declaration];
  if (memory == nullptr) {
    memory.reset(std::aligned_alloc(16, (bytes + 15) / 16 * 16));
    // Not by memset, which ThreadSanitizer would take for a write of this thread.
    auto* const at = static_cast<volatile unsigned char*>(memory.get());
    for (size_t i = 0; i < bytes; ++i) at[i] = kPoison;
    happens_before(&memory);  // to ThreadSanitizer an allocation is a write
  }
  happens_after(&memory);
  return memory.get();
}

void check_aligned(const void* address, size_t bytes) {
  if (reinterpret_cast<uintptr_t>(address) % bytes != 0) fail("a misaligned vector load");
}

void run_grid(const char* kernel, dim3 grid, dim3 size, const std::function<void()>& thread) {
  Block running;
  block = &running;
  running.kernel = kernel;
  running.grid = grid;
  running.size = size;
  running.body = &thread;
  const unsigned count = size.x * size.y * size.z;
  running.threads.resize(count);
  running.warps.resize((count + kLanes - 1) / kLanes);
  for (unsigned i = 0; i < count; ++i) {
    running.threads[i].number = static_cast<int>(i);
    running.threads[i].index = {i % size.x, i / size.x % size.y, i / (size.x * size.y)};
  }
  Order order;
  static thread_local Workers workers;
  happens_before(&running.start);
  for (unsigned z = 0; z < grid.z; ++z)
    for (unsigned y = 0; y < grid.y; ++y)
      for (unsigned x = 0; x < grid.x; ++x) {
        running.index = {x, y, z};
        run_block(order, workers);
      }
  happens_after(&running.end);
  block = nullptr;
  self = nullptr;
}

}  // namespace emulator
