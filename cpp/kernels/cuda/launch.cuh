#pragma once
// What differs between nvcc and another compiler. The tests compile the kernels with g++ against an emulator whose
// cuda_runtime.h defines the two macros itself; so kernels declare shared memory and launch through them only.

#include <cuda_runtime.h>

#include <cstdint>

#if defined(__CUDACC__)
#define RECFAST_SHARED(type, name, count) __shared__ type name[count]
#define RECFAST_LAUNCH(kernel, blocks, threads, stream, ...) kernel<<<blocks, threads, 0, stream>>>(__VA_ARGS__)
#endif

namespace recfast::cuda {

inline constexpr int kWarp = 32;
inline constexpr unsigned kAllLanes = 0xffffffffu;

// Blocks of `threads` for `work` threads. A grid has at most 2^31 - 1 blocks, which no call here needs.
inline unsigned blocks_for(int64_t work, int threads) noexcept {
  return static_cast<unsigned>((work + threads - 1) / threads);
}

}  // namespace recfast::cuda
