#include "python/request_reader.h"

#include <algorithm>

#include "base/error.h"
#include "python/columns.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

using Kind = RawValue::Kind;

constexpr uint8_t bit(Kind kind) {
  return static_cast<uint8_t>(1u << static_cast<unsigned>(kind));
}

// One raw value as a column of one row. An array is a list's elements, unless it is an Arrow array of one list or map.
ChunkedColumn value_from_python(py::handle value, const std::string& name) {
  ChunkedColumn column;
  const bool array = py::isinstance<py::array>(value) && py::reinterpret_borrow<py::array>(value).ndim() == 1;
  if (!array && (PyUnicode_Check(value.ptr()) || PyDict_Check(value.ptr()) || !is_arrow(value))) {
    column.append(column_from_objects(py::make_tuple(value), name));
    return column;
  }
  column = column_from_python(value, name);
  const auto nested = [](const Column& chunk) {
    const Column& values = values_of(chunk);
    return values.is_list() || values.type == ColumnType::kMap;
  };
  if (column.length == 1 && std::all_of(column.chunks.begin(), column.chunks.end(), nested)) return column;
  if (column.chunks.size() > 1) throw ValueError("column '" + name + "': a request's array has one chunk");
  struct Offsets {
    int64_t values[2];
  };
  auto offsets = std::make_shared<Offsets>(Offsets{{0, column.length}});
  Column list;
  list.type = ColumnType::kList64;
  list.length = 1;
  list.described = "a list";
  list.offsets = offsets->values;
  list.owner = std::move(offsets);
  list.children.push_back(column.chunks.empty() ? Column{} : std::move(column.chunks[0]));
  ChunkedColumn out;
  out.append(std::move(list));
  return out;
}

// Fills `out` from an object of the exact plain types, if `takes` has its kind; what it refers to goes to `pins`.
bool read_plain(PyObject* value, uint8_t takes, RawValue& out, Pins& pins) {
  const auto taken = [&](Kind kind) { return (takes & bit(kind)) != 0; };
  if (PyUnicode_CheckExact(value)) {
    if (!taken(Kind::kString)) return false;
    Py_ssize_t size = 0;
    const char* bytes = PyUnicode_AsUTF8AndSize(value, &size);
    if (bytes == nullptr) {  // an unpaired surrogate: the column says so
      PyErr_Clear();
      return false;
    }
    out.kind = Kind::kString;
    out.text = {bytes, static_cast<size_t>(size)};
    pins.push_back(py::reinterpret_borrow<py::object>(value));
    return true;
  }
  if (PyFloat_CheckExact(value)) {
    if (!taken(Kind::kFloat)) return false;
    out.kind = Kind::kFloat;
    out.number = PyFloat_AS_DOUBLE(value);
    return true;
  }
  if (PyLong_CheckExact(value) || PyBool_Check(value)) {
    if (!taken(Kind::kInt)) return false;
    int overflow = 0;
    out.integer = PyLong_AsLongLongAndOverflow(value, &overflow);
    out.kind = overflow == 0 ? Kind::kInt : Kind::kAbsent;
    return overflow == 0;
  }
  if (value == Py_None && taken(Kind::kNull)) {
    out.kind = Kind::kNull;
    return true;
  }
  return false;
}

}  // namespace

RequestReader::RequestReader(const Encoder& encoder) : encoder_(encoder) {
  const std::vector<std::string>& names = encoder.request_columns();
  for (size_t i = 0; i < names.size(); ++i) {
    PyObject* name = PyUnicode_FromStringAndSize(names[i].data(), static_cast<Py_ssize_t>(names[i].size()));
    if (name == nullptr) throw py::error_already_set();
    PyUnicode_InternInPlace(&name);
    names_.push_back(py::reinterpret_steal<py::object>(name));
    places_[names_.back()] = i;
    uint8_t takes = 0;
    for (const Kind kind : {Kind::kNull, Kind::kInt, Kind::kFloat, Kind::kString}) {
      if (encoder.takes(i, kind)) takes |= bit(kind);
    }
    takes_.push_back(takes);
  }
}

size_t RequestReader::place_of(py::handle key, size_t expected) const {
  if (expected < names_.size() && names_[expected].ptr() == key.ptr()) return expected;
  if (!PyUnicode_Check(key.ptr()))
    throw TypeError(std::string("a feature's name is a str, got ") + Py_TYPE(key.ptr())->tp_name);
  PyObject* place = PyDict_GetItemWithError(places_.ptr(), key.ptr());
  if (place == nullptr) {
    if (PyErr_Occurred()) throw py::error_already_set();
    refuse_unknown(encoder_, text_of(key, "a column's name"));
  }
  return PyLong_AsSize_t(place);
}

void RequestReader::add(py::handle key, py::handle value, size_t expected, Request& request, Pins& pins) const {
  const size_t place = place_of(key, expected);
  RawValue& out = request[place];
  if (out.kind != Kind::kAbsent) throw ValueError("column '" + encoder_.request_columns()[place] + "' comes twice");
  if (read_plain(value.ptr(), takes_[place], out, pins)) return;
  out.kind = Kind::kColumn;
  out.column = value_from_python(value, encoder_.request_columns()[place]);
}

Request RequestReader::read(py::handle object, Pins& pins) const {
  Request request(encoder_);
  size_t expected = 0;
  if (PyDict_CheckExact(object.ptr())) {
    for_each_entry(py::reinterpret_borrow<py::dict>(object),
                   [&](const py::object& key, const py::object& value) { add(key, value, expected++, request, pins); });
  } else if (const bool mapping = py::hasattr(object, "keys") && py::hasattr(object, "__getitem__");
             is_pandas_frame(object) || (!mapping && is_arrow(object))) {
    return Request::from_table(encoder_, table_from_python(object, "the request"));
  } else if (mapping) {
    for (py::handle key : object.attr("keys")()) {
      const py::object value = object[key];
      add(key, value, expected++, request, pins);
    }
  } else {
    throw TypeError(std::string("a request is a dict from feature to value, or a table of one row, got ") +
                    Py_TYPE(object.ptr())->tp_name);
  }
  request.check_complete();
  return request;
}

}  // namespace recfast::python
