#include "fiber.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#if defined(RECFAST_EMULATOR_TSAN)
extern "C" {
void* __tsan_get_current_fiber(void);
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}
#define RECFAST_TSAN(statement) statement
#else
#define RECFAST_TSAN(statement)
#endif

// ucontext asks the kernel for the signal mask at every switch. Where it can, a switch is these few instructions; the
// sanitizers know ucontext only.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(RECFAST_EMULATOR_TSAN)
#define RECFAST_OWN_SWITCH 1
// Saves the registers that a callee must keep, stores the stack's place in *from, goes on from the place `to`.
extern "C" void recfast_emulator_switch(void** from, void* to);
asm(R"(
.text
.globl recfast_emulator_switch
.hidden recfast_emulator_switch
.type recfast_emulator_switch, @function
recfast_emulator_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size recfast_emulator_switch, .-recfast_emulator_switch
)");
#else
#define RECFAST_OWN_SWITCH 0
#endif

namespace emulator {
namespace {

constexpr size_t kStack = size_t{1} << 17;  // sanitizers need more of it than the kernels do
thread_local Fiber* starting = nullptr;     // the fiber that begins to run

[[noreturn]] __attribute__((no_sanitize("thread"))) void start_fiber() {
  starting->run();
  std::abort();  // a fiber ends by stopping for good
}

}  // namespace

#if RECFAST_OWN_SWITCH
struct Fiber::State {
  void* inside = nullptr;
  void* outside = nullptr;
  char* stack = nullptr;
  bool started = false;
};
#else
struct Fiber::State {
  ucontext_t inside;
  ucontext_t outside;
  char* stack = nullptr;
  bool started = false;
  void* thread = nullptr;  // ThreadSanitizer's
  void* resumer = nullptr;
};
#endif

Fiber::Fiber(void (*body)(void*), void* argument) : state_(new State), body_(body), argument_(argument) {
  void* stack = mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED) {
    std::fprintf(stderr, "emulator: no memory for a stack\n");
    std::abort();
  }
  state_->stack = static_cast<char*>(stack);
#if RECFAST_OWN_SWITCH
  auto* top = reinterpret_cast<void**>(state_->stack + kStack);
  *--top = nullptr;                                // where start_fiber would return to
  *--top = reinterpret_cast<void*>(&start_fiber);  // what the first switch returns to
  for (int saved = 0; saved < 6; ++saved) *--top = nullptr;
  state_->inside = top;
#else
  getcontext(&state_->inside);
  state_->inside.uc_stack.ss_sp = state_->stack;
  state_->inside.uc_stack.ss_size = kStack;
  state_->inside.uc_link = nullptr;
  makecontext(&state_->inside, &start_fiber, 0);
  RECFAST_TSAN(state_->thread = __tsan_create_fiber(0));
#endif
}

Fiber::~Fiber() {
  RECFAST_TSAN(__tsan_destroy_fiber(state_->thread));
  munmap(state_->stack, kStack);
  delete state_;
}

__attribute__((no_sanitize("thread"), noinline)) void Fiber::resume() {
  if (!state_->started) starting = this;
  state_->started = true;
#if RECFAST_OWN_SWITCH
  recfast_emulator_switch(&state_->outside, state_->inside);
#else
  RECFAST_TSAN(state_->resumer = __tsan_get_current_fiber());
  RECFAST_TSAN(__tsan_switch_to_fiber(state_->thread, 1));  // 1: the switch itself orders nothing
  swapcontext(&state_->outside, &state_->inside);
#endif
}

__attribute__((no_sanitize("thread"), noinline)) void Fiber::stop() {
#if RECFAST_OWN_SWITCH
  recfast_emulator_switch(&state_->inside, state_->outside);
#else
  RECFAST_TSAN(__tsan_switch_to_fiber(state_->resumer, 1));
  swapcontext(&state_->inside, &state_->outside);
#endif
}

__attribute__((no_sanitize("thread"))) void Fiber::run() {
  body_(argument_);
}

void happens_before([[maybe_unused]] void* what) {
  RECFAST_TSAN(__tsan_release(what));
}

void happens_after([[maybe_unused]] void* what) {
  RECFAST_TSAN(__tsan_acquire(what));
}

}  // namespace emulator
