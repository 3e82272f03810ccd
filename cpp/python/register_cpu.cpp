#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "kernels/cpu/dispatch.h"
#include "python/register.h"

namespace recfast::python {

namespace py = pybind11;

namespace {

std::vector<std::string> strings(const std::vector<std::string_view>& views) {
  return {views.begin(), views.end()};
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

py::dict build_info() {
  py::dict info;
  info["version"] = RECFAST_VERSION;
  info["compiler"] = compiler();
  info["isas"] = py::tuple(py::cast(strings(built_isas())));
  return info;
}

}  // namespace

void register_cpu(py::module_& m) {
  m.def("available_isas", [] { return strings(available_isas()); });
  m.def("selected_isa", [] { return std::string(kernels().isa); });
  m.def("build_info", &build_info);
}

}  // namespace recfast::python
