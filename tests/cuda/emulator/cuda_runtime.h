#pragma once
// The part of CUDA that recfast's kernels and backend use, on the CPU: the language here, the runtime in runtime.h.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "emulator.h"
#include "runtime.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)

#define threadIdx (::emulator::thread_index())
#define blockIdx (::emulator::block_index())
#define blockDim (::emulator::block_size())
#define gridDim (::emulator::grid_size())

#define RECFAST_SHARED(type, name, count)   \
  static const char name##_declaration = 0; \
  const ::emulator::Shared<type> name(&name##_declaration, count)
#define RECFAST_LAUNCH(kernel, blocks, threads, stream, ...) \
  ::emulator::launch(#kernel, kernel, blocks, threads, stream, __VA_ARGS__)

struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};

inline float4 make_float4(float x, float y, float z, float w) {
  return {x, y, z, w};
}

template <class T>
T __ldg(const T* address) {
  emulator::check_aligned(address, sizeof(T));
  return *address;
}

inline void __syncthreads() {
  emulator::wait_for_block();
}
inline void __syncwarp(unsigned mask = 0xffffffffu) {
  emulator::wait_for_lanes(mask);
}

namespace emulator {

template <class T>
T exchange_as(unsigned mask, T value, int from) {
  static_assert(sizeof(T) <= 8);
  uint64_t word = 0;
  std::memcpy(&word, &value, sizeof value);
  word = exchange(mask, word, from);
  std::memcpy(&value, &word, sizeof value);
  return value;
}

inline int lane() {
  const uint3 i = thread_index();
  const dim3 size = block_size();
  return static_cast<int>((i.x + size.x * (i.y + size.y * i.z)) % 32);
}

}  // namespace emulator

template <class T>
T __shfl_sync(unsigned mask, T value, int from) {
  return emulator::exchange_as(mask, value, from % 32);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int other) {
  return emulator::exchange_as(mask, value, emulator::lane() ^ other);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned by) {
  return emulator::exchange_as(mask, value, emulator::lane() + static_cast<int>(by));
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned by) {
  return emulator::exchange_as(mask, value, emulator::lane() - static_cast<int>(by));
}
inline unsigned __ballot_sync(unsigned mask, int value) {
  return emulator::vote(mask, value != 0);
}
inline int __popc(unsigned value) {
  return std::popcount(value);
}
inline int __ffs(int value) {
  return __builtin_ffs(value);
}
