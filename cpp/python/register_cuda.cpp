// What the CUDA runtime says about this machine. Every error means that there is no device: without a driver it is
// cudaErrorInsufficientDriver, and other machines give others.

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "python/register.h"

#if defined(RECFAST_WITH_CUDA)
#include <cuda_runtime.h>
#endif

namespace recfast::python {

namespace py = pybind11;

namespace {

#if defined(RECFAST_WITH_CUDA)

std::string described(cudaError_t error) {
  cudaGetLastError();
  return std::string(cudaGetErrorName(error)) + ": " + cudaGetErrorString(error);
}

// Appends name, compute capability and bytes of memory of every device; returns why there is none.
std::string list_devices(py::list& devices) {
  int count = 0;
  if (const cudaError_t error = cudaGetDeviceCount(&count); error != cudaSuccess) return described(error);
  if (count == 0) return "CUDA's driver finds no device";
  py::list found;
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties;
    if (const cudaError_t error = cudaGetDeviceProperties(&properties, i); error != cudaSuccess)
      return described(error);
    found.append(py::make_tuple(std::string(properties.name), py::make_tuple(properties.major, properties.minor),
                                properties.totalGlobalMem));
  }
  devices = found;
  return {};
}

py::dict cuda_status() {
  py::list devices;
  const std::string reason = list_devices(devices);
  int driver = 0;
  int runtime = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess) driver = 0;
  if (cudaRuntimeGetVersion(&runtime) != cudaSuccess) runtime = 0;
  py::dict status;
  status["built"] = true;
  status["reason"] = reason;
  status["devices"] = devices;
  status["driver"] = driver;
  status["runtime"] = runtime;
  return status;
}

py::dict cuda_build() {
  py::dict build;
  build["version"] = RECFAST_CUDA_VERSION;
  build["archs"] = RECFAST_CUDA_ARCHS;
  return build;
}

#else

py::dict cuda_status() {
  py::dict status;
  status["built"] = false;
  status["reason"] = "this build of recfast has no CUDA: " RECFAST_NO_CUDA;
  status["devices"] = py::list();
  status["driver"] = 0;
  status["runtime"] = 0;
  return status;
}

py::dict cuda_build() {
  py::dict build;
  build["version"] = py::none();
  build["archs"] = "";
  return build;
}

#endif

}  // namespace

void register_cuda(py::module_& m) {
  m.def("cuda_status", &cuda_status);
  m.def("cuda_build", &cuda_build);
}

}  // namespace recfast::python
