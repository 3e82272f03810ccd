#include "python/columns.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "features/feature.h"
#include "python/register.h"

namespace py = pybind11;

namespace recfast::python {

std::shared_ptr<const void> keep_alive(py::object object) {
  PyObject* raw = object.release().ptr();
  return {raw, [](const void* held) {
            const py::gil_scoped_acquire gil;
            Py_DECREF(static_cast<PyObject*>(const_cast<void*>(held)));
          }};
}

std::string text_of(py::handle text, const std::string& what) {
  Py_ssize_t size = 0;
  const char* bytes = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
  if (bytes == nullptr) {
    PyErr_Clear();
    throw ValueError(what + " holds an unpaired surrogate, which has no UTF-8");
  }
  return {bytes, static_cast<size_t>(size)};
}

namespace {

// A pandas Series of Python objects: Arrow would turn dicts into structs and refuse what it cannot name.
bool holds_objects(py::handle object) {
  if (!py::hasattr(object, "dtype")) return false;
  const py::object dtype = object.attr("dtype");
  return py::isinstance<py::dtype>(dtype) && py::reinterpret_borrow<py::dtype>(dtype).kind() == 'O';
}

bool is_pandas_frame(py::handle object) {
  return std::string_view(Py_TYPE(object.ptr())->tp_name) == "DataFrame" && py::hasattr(object, "iloc");
}

}  // namespace

ChunkedColumn column_from_python(py::handle object, const std::string& name) {
  if (py::isinstance<py::array>(object)) {
    ChunkedColumn out;
    out.append(column_from_numpy(py::reinterpret_borrow<py::array>(object), name));
    return out;
  }
  if (PyList_Check(object.ptr()) || PyTuple_Check(object.ptr())) {
    ChunkedColumn out;
    out.append(column_from_objects(PyList_Check(object.ptr())
                                       ? py::reinterpret_steal<py::tuple>(PyList_AsTuple(object.ptr()))
                                       : py::reinterpret_borrow<py::tuple>(object),
                                   name));
    return out;
  }
  if (is_arrow(object) && !holds_objects(object)) {
    try {
      return column_from_arrow(object, name);
    } catch (py::error_already_set& error) {
      if (!error.matches(PyExc_ImportError)) throw;  // pandas without pyarrow
    }
  }
  if (py::hasattr(object, "to_numpy")) {
    // Nulls of pandas' own types stay nulls among objects; numpy would make integers with nulls floats.
    const bool plain = !py::hasattr(object, "dtype") || py::isinstance<py::dtype>(object.attr("dtype"));
    return column_from_python(plain ? object.attr("to_numpy")() : object.attr("to_numpy")("object"), name);
  }
  if (py::hasattr(object, "__array__") && !PyUnicode_Check(object.ptr())) {
    return column_from_python(py::module_::import("numpy").attr("asarray")(object), name);
  }
  if (PySequence_Check(object.ptr()) && !PyUnicode_Check(object.ptr()) && !PyBytes_Check(object.ptr()) &&
      !PyByteArray_Check(object.ptr()) && !PyDict_Check(object.ptr())) {  // a range, a deque
    const auto values = py::reinterpret_steal<py::tuple>(PySequence_Tuple(object.ptr()));
    if (!values) throw py::error_already_set();
    ChunkedColumn out;
    out.append(column_from_objects(values, name));
    return out;
  }
  throw TypeError("column '" + name + "': expected an Arrow column, a numpy array, a Series or a list, got " +
                  Py_TYPE(object.ptr())->tp_name);
}

ColumnSet table_from_python(py::handle object, const std::string& what) {
  if (py::isinstance<Columns>(object)) return object.cast<const Columns&>().set;
  if (!PyDict_Check(object.ptr()) && is_arrow(object) && !is_pandas_frame(object)) return table_from_arrow(object);
  ColumnSet table;
  const auto add = [&](py::handle key, py::handle value) {
    if (!PyUnicode_Check(key.ptr()))
      throw TypeError(what + ": a column's name is a str, got " + Py_TYPE(key.ptr())->tp_name);
    const std::string name = text_of(key, "a column's name");
    ChunkedColumn column = column_from_python(value, name);
    table.add(name, std::move(column));
  };
  if (py::isinstance<py::array>(object) && !py::reinterpret_borrow<py::array>(object).dtype().attr("names").is_none()) {
    for (py::handle name : object.attr("dtype").attr("names")) add(name, object[name]);
  } else if (py::hasattr(object, "keys") &&
             py::hasattr(object, "__getitem__")) {  // mappings, and pandas column by column
    for (py::handle name : object.attr("keys")()) add(name, object[name]);
  } else {
    throw TypeError(what + ": expected a table (Arrow, pandas, polars, or a dict of columns), got " +
                    Py_TYPE(object.ptr())->tp_name);
  }
  return table;
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

ColumnSet request_from_python(py::handle object) {
  const bool mapping =
      PyDict_Check(object.ptr()) || (py::hasattr(object, "keys") && py::hasattr(object, "__getitem__"));
  if (is_pandas_frame(object) || (!mapping && is_arrow(object))) {
    ColumnSet request = table_from_python(object, "the request");
    if (request.rows() != 1) {
      throw ValueError("a request is one row, got a table of " + std::to_string(request.rows()) +
                       "; rank once per row, or pass one row of it");
    }
    return request;
  }
  if (!mapping) {
    throw TypeError(std::string("a request is a dict from feature to value, or a table of one row, got ") +
                    Py_TYPE(object.ptr())->tp_name);
  }
  ColumnSet request;
  const auto add = [&](py::handle key, py::handle value) {
    if (!PyUnicode_Check(key.ptr()))
      throw TypeError(std::string("a feature's name is a str, got ") + Py_TYPE(key.ptr())->tp_name);
    const std::string name = text_of(key, "a column's name");
    request.add(name, value_from_python(value, name));
  };
  if (PyDict_Check(object.ptr())) {
    for (const auto& [key, value] : py::reinterpret_borrow<py::dict>(object)) add(key, value);
  } else {
    for (py::handle key : object.attr("keys")()) add(key, object[key]);
  }
  return request;
}

}  // namespace recfast::python
