#pragma once
// What CUDA says becomes a DeviceError: the call, where it stands, the name and the text of the error.

#include <cuda_runtime.h>

#include <string>

#include "base/error.h"

namespace recfast::cuda {

// There is not enough device memory; callers may ask for less.
struct OutOfDeviceMemory : DeviceError {
  using DeviceError::DeviceError;
};

[[noreturn]] void refuse(cudaError_t error, const std::string& call, const char* file, int line);

inline void check(cudaError_t error, const char* call, const char* file, int line) {
  if (error != cudaSuccess) [[unlikely]]
    refuse(error, call, file, line);
}

// Throws DeviceError saying why, where this process can use no device: no driver, an old one, no GPU, or a fork.
void check_device();

// Throws DeviceError in a process that was forked from the one that made `what`.
void check_process(int made_in, const char* what);

}  // namespace recfast::cuda

#define RECFAST_CUDA_CHECK(call) ::recfast::cuda::check((call), #call, __FILE__, __LINE__)
