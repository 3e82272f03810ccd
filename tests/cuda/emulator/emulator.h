#pragma once
// Runs a CUDA kernel on the CPU, block after block, so that its unmodified source is tested without a GPU.
//
// The threads of a block are fibers. Each runs until it waits (a barrier, an exchange between lanes) or ends; then
// another one does, in the order that RECFAST_EMULATOR_ORDER names: "forward" (the default), "reverse", or a number
// that seeds a random order, a new one whenever all have had their turn. What depends on luck between two barriers
// therefore differs between orders, and shared memory is filled with 0xCD before each block.
//
// What is undefined on a GPU and seen here ends the process with a line that says what happened where: a barrier that
// not all threads reach, lanes that exchange without being in the mask or with a lane that does not come, a misaligned
// vector load, an index outside of shared memory.
//
// Not modelled: several masks at once within a warp; memory that becomes visible late, contraction of products and
// sums, coalescing, timing, tensor cores.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <type_traits>

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

namespace emulator {

// Prints "emulator: KERNEL: block (..), thread (..): WHAT" and aborts.
[[noreturn]] void fail(const char* what);

// Of the running thread.
uint3 thread_index();
uint3 block_index();
dim3 block_size();
dim3 grid_size();

void wait_for_block();               // __syncthreads
void wait_for_lanes(uint32_t mask);  // __syncwarp
// Every lane of the mask gives a value; returns that of lane `from`, the own one where `from` is no lane of the warp.
uint64_t exchange(uint32_t mask, uint64_t value, int from);
// The lanes of the mask whose value is not zero.
uint32_t vote(uint32_t mask, bool value);

// The block's shared memory of one declaration, filled with 0xCD when its first thread asks for it.
void* shared_memory(const void* declaration, size_t bytes);

void check_aligned(const void* address, size_t bytes);

// `__shared__ T name[count]`: looks at every index.
template <class T>
class Shared {
 public:
  Shared(const void* declaration, int64_t count)
      : data_(static_cast<T*>(shared_memory(declaration, static_cast<size_t>(count) * sizeof(T)))), count_(count) {}
  template <class I>
  T& operator[](I index) const {
    if (static_cast<int64_t>(index) < 0 || static_cast<int64_t>(index) >= count_)
      fail("index outside of shared memory");
    return data_[index];
  }
  operator T*() const { return data_; }

 private:
  T* data_;
  int64_t count_;
};

// Runs all blocks of a grid now.
void run_grid(const char* kernel, dim3 grid, dim3 block, const std::function<void()>& thread);

}  // namespace emulator
