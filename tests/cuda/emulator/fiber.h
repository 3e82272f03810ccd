#pragma once
// A stack of its own that runs until it stops itself, and goes on where it stopped when it is resumed.

#include <cstddef>

namespace emulator {

class Fiber {
 public:
  Fiber(void (*body)(void*), void* argument);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  void resume();  // by the thread that made it; returns when the fiber stops
  void stop();    // by the fiber itself
  void run();     // what its stack begins with

 private:
  struct State;
  State* state_;
  void (*body_)(void*);
  void* argument_;
};

// Under ThreadSanitizer a fiber is a thread of its own: only these order what fibers do. Nothing elsewhere. The
// emulator itself is compiled without the sanitizer, so that it sees the kernels alone, and is told by
// RECFAST_EMULATOR_TSAN.
void happens_before(void* what);  // what was done until here ...
void happens_after(void* what);   // ... was done before what follows here

#if defined(RECFAST_EMULATOR_TSAN)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif

}  // namespace emulator
