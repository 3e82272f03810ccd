#include "python/columns.h"

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
  if (is_arrow(object)) {
    try {
      return column_from_arrow(object, name);
    } catch (py::error_already_set& error) {
      if (!error.matches(PyExc_ImportError)) throw;  // pandas without pyarrow
    }
  }
  if (py::hasattr(object, "to_numpy")) return column_from_python(object.attr("to_numpy")(), name);
  if (py::hasattr(object, "__array__") && !PyUnicode_Check(object.ptr())) {
    return column_from_python(py::module_::import("numpy").attr("asarray")(object), name);
  }
  throw TypeError("column '" + name + "': expected an Arrow column, a numpy array, a Series or a list, got " +
                  Py_TYPE(object.ptr())->tp_name);
}

ColumnSet table_from_python(py::handle object, const std::string& what) {
  if (py::isinstance<Columns>(object)) return object.cast<const Columns&>().set;
  if (!PyDict_Check(object.ptr()) && is_arrow(object)) {
    try {
      return table_from_arrow(object);
    } catch (py::error_already_set& error) {
      if (!error.matches(PyExc_ImportError)) throw;  // pandas without pyarrow
    }
  }
  ColumnSet table;
  const auto add = [&](py::handle key, py::handle value) {
    if (!PyUnicode_Check(key.ptr()))
      throw TypeError(what + ": a column's name is a str, got " + Py_TYPE(key.ptr())->tp_name);
    const auto name = key.cast<std::string>();
    ChunkedColumn column = column_from_python(value, name);
    table.add(name, std::move(column));
  };
  if (py::isinstance<py::array>(object) && !py::reinterpret_borrow<py::array>(object).dtype().attr("names").is_none()) {
    for (py::handle name : object.attr("dtype").attr("names")) add(name, object[name]);
  } else if (py::hasattr(object, "keys") &&
             py::hasattr(object, "__getitem__")) {  // mappings, and pandas without pyarrow
    for (py::handle name : object.attr("keys")()) add(name, object[name]);
  } else {
    throw TypeError(what + ": expected a table (Arrow, pandas, polars, or a dict of columns), got " +
                    Py_TYPE(object.ptr())->tp_name);
  }
  return table;
}

ColumnSet request_from_python(py::handle object) {
  if (!PyDict_Check(object.ptr()) && !(py::hasattr(object, "keys") && py::hasattr(object, "__getitem__"))) {
    throw TypeError(std::string("a request is a dict from feature to value, got ") + Py_TYPE(object.ptr())->tp_name);
  }
  ColumnSet request;
  const auto add = [&](py::handle key, py::handle value) {
    if (!PyUnicode_Check(key.ptr()))
      throw TypeError(std::string("a feature's name is a str, got ") + Py_TYPE(key.ptr())->tp_name);
    const auto name = key.cast<std::string>();
    ChunkedColumn column;
    column.append(column_from_objects(py::make_tuple(value), name));
    request.add(name, std::move(column));
  };
  if (PyDict_Check(object.ptr())) {
    for (const auto& [key, value] : py::reinterpret_borrow<py::dict>(object)) add(key, value);
  } else {
    for (py::handle key : object.attr("keys")()) add(key, object[key]);
  }
  return request;
}

}  // namespace recfast::python
