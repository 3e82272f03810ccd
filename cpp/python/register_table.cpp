// _core.Table: arrays in, arrays out. python/recfast/table.py checks dtypes and shapes and says what is wrong with
// them.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <string>

#include "base/error.h"
#include "python/columns.h"
#include "python/register.h"
#include "table/table.h"

namespace recfast::python {

namespace py = pybind11;

namespace {

using Floats = py::array_t<float, py::array::c_style>;
using Ids = py::array_t<int64_t, py::array::c_style>;

void check_dimensions(const py::array& array, py::ssize_t wanted, const char* what) {
  if (array.ndim() != wanted)
    throw ValueError(std::string(what) + " must have " + std::to_string(wanted) + " dimension(s), got " +
                     std::to_string(array.ndim()));
}

template <class T>
std::span<const T> span_of(const py::array_t<T, py::array::c_style>& array, const char* what) {
  check_dimensions(array, 1, what);
  return {array.data(), static_cast<size_t>(array.size())};
}

Pooling parse_pooling(const std::string& name) {
  if (name == "sum") return Pooling::kSum;
  if (name == "mean") return Pooling::kMean;
  if (name == "max") return Pooling::kMax;
  throw ValueError("pooling is \"sum\", \"mean\" or \"max\", got \"" + name + "\"");
}

Table make(const Floats& weights, const std::string& dtype) {
  check_dimensions(weights, 2, "weights");
  const RowFormat format = parse_row_format(dtype);
  const std::span<const float> values(weights.data(), static_cast<size_t>(weights.size()));
  const py::gil_scoped_release release;
  return Table::from_weights(values, weights.shape(0), weights.shape(1), format);
}

// data: any dense array [R, x] whose bytes are the rows.
Table from_bytes(const py::array& data, const std::string& dtype, int64_t dim) {
  check_dimensions(data, 2, "data");
  if ((data.flags() & py::array::c_style) == 0) throw ValueError("data must be C-contiguous");
  const std::span<const uint8_t> bytes(static_cast<const uint8_t*>(data.data()), static_cast<size_t>(data.nbytes()));
  return Table::view(bytes, data.shape(0), dim, parse_row_format(dtype), keep_alive(data));
}

Floats rows(const Table& table, const Ids& ids) {
  const auto values = span_of(ids, "ids");
  Floats out({static_cast<py::ssize_t>(values.size()), static_cast<py::ssize_t>(table.dim())});
  float* y = out.mutable_data();
  {
    const py::gil_scoped_release release;
    table.rows(values, y, table.dim());
  }
  return out;
}

Floats bag(const Table& table, const Ids& ids, const Ids& offsets, const std::optional<Floats>& weights,
           const std::string& pooling) {
  const auto values = span_of(ids, "ids");
  const auto begins = span_of(offsets, "offsets");
  const Pooling how = parse_pooling(pooling);
  const float* w = nullptr;
  if (weights.has_value()) {
    const auto given = span_of(*weights, "weights");
    if (given.size() != values.size())
      throw ValueError("weights must be one per id: " + std::to_string(values.size()) + " ids, " +
                       std::to_string(given.size()) + " weights");
    w = given.data();
  }
  Floats out({static_cast<py::ssize_t>(begins.size()), static_cast<py::ssize_t>(table.dim())});
  float* y = out.mutable_data();
  {
    const py::gil_scoped_release release;
    table.bag(values, begins, w, how, y, table.dim());
  }
  return out;
}

py::array data(py::object self) {
  const auto& table = self.cast<const Table&>();
  py::array_t<uint8_t> view({table.num_rows(), table.row_bytes()}, table.data(), self);
  view.attr("flags").attr("writeable") = false;
  return view;
}

}  // namespace

void register_table(py::module_& m) {
  py::class_<Table>(m, "Table")
      .def(py::init(&make), py::arg("weights").noconvert(), py::arg("dtype"))
      .def_static("from_bytes", &from_bytes, py::arg("data"), py::arg("dtype"), py::arg("dim"))
      .def("rows", &rows, py::arg("ids").noconvert())
      .def("bag", &bag, py::arg("ids").noconvert(), py::arg("offsets").noconvert(),
           py::arg("weights").noconvert() = py::none(), py::arg("pooling") = "sum")
      .def_property_readonly("dtype", [](const Table& t) { return std::string(row_format_name(t.format())); })
      .def_property_readonly("num_rows", &Table::num_rows)
      .def_property_readonly("dim", &Table::dim)
      .def_property_readonly("size_bytes", &Table::size_bytes)
      .def_property_readonly("data", &data);
}

}  // namespace recfast::python
