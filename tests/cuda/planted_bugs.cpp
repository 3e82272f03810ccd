// Kernels with a bug each: proof that the emulator finds it. The argument names the bug; the program then ends with the
// emulator's report (or a sanitizer's), or prints the wrong answer that the order of threads uncovers.

#include <cstdio>
#include <cstring>
#include <vector>

#include "cuda/device.h"
#include "kernels/cuda/launch.cuh"

namespace recfast::cuda::test {
namespace {

// Each thread reads its neighbour's number, without a barrier after it was written.
__global__ void missing_barrier(int* out) {
  RECFAST_SHARED(int, numbers, 64);
  numbers[threadIdx.x] = static_cast<int>(threadIdx.x);
  out[threadIdx.x] = numbers[(threadIdx.x + 1) % 64];
}

// Half of the block waits for all, the other half for something that never comes.
__global__ void half_a_barrier(int* out) {
  if (threadIdx.x < 32)
    __syncthreads();
  else if (threadIdx.x < 48)
    __syncwarp();
  out[threadIdx.x] = 1;
}

__global__ void half_a_warp(int* out) {
  if (threadIdx.x < 16) out[threadIdx.x] = __shfl_xor_sync(kAllLanes, static_cast<int>(threadIdx.x), 1);
}

__global__ void lane_outside_of_its_mask(int* out) {
  out[threadIdx.x] = __shfl_xor_sync(0x0000ffffu, static_cast<int>(threadIdx.x), 1);
}

__global__ void reads_a_lane_outside_of_the_mask(int* out) {
  if (threadIdx.x < 16) out[threadIdx.x] = __shfl_xor_sync(0x0000ffffu, static_cast<int>(threadIdx.x), 16);
}

__global__ void misaligned_load(int* out) {
  const auto* at = reinterpret_cast<const float4*>(out + threadIdx.x);
  out[64 + threadIdx.x] = static_cast<int>(__ldg(at).x);
}

__global__ void shared_overrun(int* out) {
  RECFAST_SHARED(int, numbers, 32);
  numbers[threadIdx.x + 1] = 1;
  __syncthreads();
  out[threadIdx.x] = numbers[threadIdx.x];
}

// Through a pointer, which only AddressSanitizer watches.
__global__ void shared_overrun_by_pointer(int* out) {
  RECFAST_SHARED(int, numbers, 32);
  int* const at = numbers;
  at[threadIdx.x + 1] = 1;
  __syncthreads();
  out[threadIdx.x] = at[threadIdx.x];
}

__global__ void blocks_write_the_same(int* out) {
  if (threadIdx.x == 0) out[0] += 1;
}

struct Bug {
  const char* name;
  void (*kernel)(int*);
  unsigned blocks;
  int threads;
};
const Bug kBugs[] = {
    {"missing_barrier", missing_barrier, 1, 64},
    {"half_a_barrier", half_a_barrier, 1, 64},
    {"half_a_warp", half_a_warp, 1, 32},
    {"lane_outside_of_its_mask", lane_outside_of_its_mask, 1, 32},
    {"reads_a_lane_outside_of_the_mask", reads_a_lane_outside_of_the_mask, 1, 32},
    {"misaligned_load", misaligned_load, 1, 4},
    {"shared_overrun", shared_overrun, 1, 32},
    {"shared_overrun_by_pointer", shared_overrun_by_pointer, 1, 32},
    {"blocks_write_the_same", blocks_write_the_same, 2, 32},
};

// The host's bug: it reads pinned memory before the stream is done.
int missing_synchronisation() {
  const Array<int> numbers(std::vector<int>{1, 2, 3});
  int* pinned = nullptr;
  ok(cudaMallocHost(reinterpret_cast<void**>(&pinned), 3 * sizeof(int)));
  ok(cudaMemcpyAsync(pinned, numbers.data(), 3 * sizeof(int), cudaMemcpyDeviceToHost, nullptr));
  const int early = pinned[2];
  ok(cudaStreamSynchronize(nullptr));
  std::printf("%s\n", early == 3 && pinned[2] == 3 ? "not found" : "a wrong answer");
  ok(cudaFreeHost(pinned));
  return early == 3 ? 0 : 1;
}

int run(const char* name) {
  if (std::strcmp(name, "missing_synchronisation") == 0) return missing_synchronisation();
  for (const Bug& bug : kBugs) {
    if (std::strcmp(bug.name, name) != 0) continue;
    const Array<int> out(std::vector<int>(256));
    RECFAST_LAUNCH(bug.kernel, bug.blocks, bug.threads, nullptr, out.data());
    ok(cudaGetLastError());
    const std::vector<int> found = out.host();
    bool right = true;
    for (int i = 0; i < 64; ++i) right &= found[static_cast<size_t>(i)] == (i + 1) % 64;
    std::printf("%s\n", bug.kernel == missing_barrier && !right ? "a wrong answer" : "not found");
    return bug.kernel == missing_barrier && !right ? 1 : 0;
  }
  std::fprintf(stderr, "no such bug: %s\n", name);
  return 2;
}

}  // namespace
}  // namespace recfast::cuda::test

int main(int argc, char** argv) {
  return argc == 2 ? recfast::cuda::test::run(argv[1]) : 2;
}
