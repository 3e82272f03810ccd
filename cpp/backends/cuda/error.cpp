#include "backends/cuda/error.h"

#include <unistd.h>

#include <string_view>

namespace recfast::cuda {

void refuse(cudaError_t error, const std::string& call, const char* file, int line) {
  cudaGetLastError();  // else the next call would report it again
  std::string_view path(file);
  if (const size_t from = path.rfind("cpp/backends"); from != std::string_view::npos) path.remove_prefix(from);
  const std::string message = call + " at " + std::string(path) + ":" + std::to_string(line) + ": " +
                              cudaGetErrorName(error) + " (" + cudaGetErrorString(error) + ")";
  if (error == cudaErrorMemoryAllocation) throw OutOfDeviceMemory(message);
  throw DeviceError(message);
}

void check_device() {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaSuccess && count > 0) return;
  cudaGetLastError();
  const std::string reason = error == cudaSuccess
                                 ? "there is none"
                                 : std::string(cudaGetErrorName(error)) + " (" + cudaGetErrorString(error) + ")";
  throw DeviceError("device=\"cuda\": no CUDA device can be used: " + reason + "; use device=\"cpu\"");
}

void check_process(int made_in, const char* what) {
  if (getpid() == made_in) return;
  throw DeviceError("this " + std::string(what) + " uses CUDA in process " + std::to_string(made_in) +
                    ", from which this one was forked; CUDA does not survive a fork: make the " + what +
                    " in the child");
}

}  // namespace recfast::cuda
