#include "python/columns.h"

#include <cstdint>
#include <string_view>

#include "base/error.h"
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
  const std::optional<std::string_view> bytes = utf8_of(text.ptr());
  if (!bytes) throw ValueError(what + " holds an unpaired surrogate, which has no UTF-8");
  return std::string(*bytes);
}

bool is_pandas_frame(py::handle object) {
  return std::string_view(Py_TYPE(object.ptr())->tp_name) == "DataFrame" && py::hasattr(object, "iloc");
}

namespace {

// A pandas Series of Python objects: Arrow would turn dicts into structs and refuse what it cannot name.
bool holds_objects(py::handle object) {
  if (!py::hasattr(object, "dtype")) return false;
  const py::object dtype = object.attr("dtype");
  return py::isinstance<py::dtype>(dtype) && py::reinterpret_borrow<py::dtype>(dtype).kind() == 'O';
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

void check_rows(const std::string& column, int64_t rows) {
  if (rows <= INT32_MAX) return;
  throw ValueError("column '" + column + "': at most 2**31 - 1 rows have room, got " + std::to_string(rows));
}

std::optional<int64_t> length_of(py::handle object) {
  PyObject* raw = object.ptr();
  if (PyUnicode_Check(raw) || PyBytes_Check(raw) || PyByteArray_Check(raw) || PyDict_Check(raw)) return std::nullopt;
  if (!py::hasattr(object, "__len__")) return std::nullopt;
  const Py_ssize_t length = PyObject_Size(raw);
  if (length >= 0) return length;
  PyErr_Clear();  // an array without dimensions
  return std::nullopt;
}

ColumnSet table_from_python(py::handle object, const std::string& what, const RowCheck& check) {
  if (py::isinstance<Columns>(object)) return object.cast<const Columns&>().set;
  if (!PyDict_Check(object.ptr()) && is_arrow(object) && !is_pandas_frame(object)) return table_from_arrow(object);
  ColumnSet table;
  const auto add = [&](py::handle key, py::handle value) {
    if (!PyUnicode_Check(key.ptr()))
      throw TypeError(what + ": a column's name is a str, got " + Py_TYPE(key.ptr())->tp_name);
    const std::string name = text_of(key, "a column's name");
    if (const std::optional<int64_t> rows = check ? length_of(value) : std::nullopt) check(name, *rows);
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

}  // namespace recfast::python
