#pragma once
// One function per noun: converts arguments, releases the GIL, decides nothing.

#include <pybind11/pybind11.h>

namespace recfast::python {

void register_columns(pybind11::module_& m);
void register_hash(pybind11::module_& m);
void register_features(pybind11::module_& m);
void register_table(pybind11::module_& m);
void register_topk(pybind11::module_& m);
void register_cpu(pybind11::module_& m);
void register_cuda(pybind11::module_& m);
void register_program(pybind11::module_& m);
void register_filters(pybind11::module_& m);
void register_catalog(pybind11::module_& m);
void register_retriever(pybind11::module_& m);

}  // namespace recfast::python
