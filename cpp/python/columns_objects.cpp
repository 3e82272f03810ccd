// Python lists and tuples of objects as columns.
//
// Strings are referenced where CPython keeps their UTF-8, not copied; the tuple that holds them is kept alive. None, a
// float NaN among strings, pandas.NA and NaT are null.

#include <cmath>
#include <optional>

#include "base/error.h"
#include "python/columns.h"
#include "python/owned_column.h"
#include "python/times.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

// kScalar: a pyarrow scalar, to be replaced by the value that it stands for.
enum class ObjectKind : uint8_t { kNull, kBool, kInt, kFloat, kString, kList, kMap, kScalar, kTime, kOther };

constexpr int kMaxDepth = 8;  // of lists in lists

bool has_type(PyObject* object, std::string_view prefix) {
  return std::string_view(Py_TYPE(object)->tp_name).starts_with(prefix);
}

bool is_pandas_null(PyObject* object) {
  const std::string_view type = Py_TYPE(object)->tp_name;
  return type == "NAType" || type == "NaTType" || type == "pandas._libs.missing.NAType";
}

ObjectKind kind_of(PyObject* object) {
  if (object == Py_None) return ObjectKind::kNull;
  if (PyUnicode_Check(object) || PyBytes_Check(object)) return ObjectKind::kString;
  if (PyBool_Check(object)) return ObjectKind::kBool;
  if (PyLong_Check(object)) return ObjectKind::kInt;
  if (PyFloat_Check(object)) return ObjectKind::kFloat;
  if (PyDict_Check(object)) return ObjectKind::kMap;
  if (PyList_Check(object) || PyTuple_Check(object) || py::isinstance<py::array>(object)) return ObjectKind::kList;
  if (is_pandas_null(object)) return ObjectKind::kNull;
  if (has_type(object, "numpy.bool")) return ObjectKind::kBool;
  if (is_time(object)) return is_not_a_time(object) ? ObjectKind::kNull : ObjectKind::kTime;
  if (has_type(object, "numpy.complex") || has_type(object, "numpy.timedelta64")) return ObjectKind::kOther;
  if (has_type(object, "pyarrow.") && PyObject_HasAttrString(object, "as_py")) return ObjectKind::kScalar;
  if (is_arrow(object)) return ObjectKind::kList;
  if (PyIndex_Check(object) && !PyObject_HasAttrString(object, "__len__")) return ObjectKind::kInt;  // numpy integers
  if (PyNumber_Check(object) && !PyComplex_Check(object) && PyObject_HasAttrString(object, "__float__"))
    return ObjectKind::kFloat;
  return ObjectKind::kOther;
}

// The values with Python objects in place of pyarrow scalars.
py::tuple without_scalars(const py::tuple& values) {
  py::tuple out(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    py::object value = values[i];
    out[i] = kind_of(value.ptr()) == ObjectKind::kScalar ? py::object(value.attr("as_py")()) : value;
  }
  return out;
}

bool is_nan(PyObject* object) {
  return PyFloat_Check(object) && std::isnan(PyFloat_AS_DOUBLE(object));
}

std::string_view bytes_of(PyObject* object, const std::string& name, size_t row) {
  if (PyBytes_Check(object)) return {PyBytes_AS_STRING(object), static_cast<size_t>(PyBytes_GET_SIZE(object))};
  const std::optional<std::string_view> text = utf8_of(object);
  if (!text) {
    throw ValueError(
        "column '" + name + "': row " + std::to_string(row) +
        " holds an unpaired surrogate, which has no UTF-8; clean it with s.encode('utf-8', 'replace').decode()");
  }
  return *text;
}

Column finish_strings(std::shared_ptr<Owned<std::string_view>> owned) {
  Column column;
  column.type = ColumnType::kStringRefs;
  column.length = static_cast<int64_t>(owned->values.size());
  column.described = "Python strings";
  finish(column, std::move(owned));
  return column;
}

// The usual column, str with or without None, in one pass; nothing where something else stands among them.
std::optional<Column> only_strings(const py::tuple& values) {
  const size_t rows = values.size();
  if (rows == 0 || kind_of(PyTuple_GET_ITEM(values.ptr(), 0)) != ObjectKind::kString) return std::nullopt;
  auto owned = std::make_shared<Owned<std::string_view>>(rows, values);
  owned->values.resize(rows);
  for (size_t i = 0; i < rows; ++i) {
    PyObject* object = PyTuple_GET_ITEM(values.ptr(), static_cast<Py_ssize_t>(i));
    if (PyUnicode_Check(object)) {
      const std::optional<std::string_view> text = utf8_of(object);
      if (!text) return std::nullopt;  // an unpaired surrogate: the general way names its row
      owned->values[i] = *text;
    } else if (object == Py_None) {
      owned->nulls.set(i);
    } else {
      return std::nullopt;
    }
  }
  return finish_strings(std::move(owned));
}

// The same for int in [-2^63, 2^63).
std::optional<Column> only_integers(const py::tuple& values) {
  const size_t rows = values.size();
  if (rows == 0 || !PyLong_CheckExact(PyTuple_GET_ITEM(values.ptr(), 0))) return std::nullopt;
  auto owned = std::make_shared<Owned<int64_t>>(rows, py::tuple());
  owned->values.resize(rows);
  for (size_t i = 0; i < rows; ++i) {
    PyObject* object = PyTuple_GET_ITEM(values.ptr(), static_cast<Py_ssize_t>(i));
    int overflow = 0;
    if (PyLong_CheckExact(object)) {
      owned->values[i] = PyLong_AsLongLongAndOverflow(object, &overflow);
      if (overflow != 0) return std::nullopt;
    } else if (object == Py_None) {
      owned->nulls.set(i);
    } else {
      return std::nullopt;
    }
  }
  Column column;
  column.type = ColumnType::kInt64;
  column.length = static_cast<int64_t>(rows);
  column.described = "Python ints";
  finish(column, std::move(owned));
  return column;
}

Column strings(const py::tuple& values, const std::string& name) {
  auto owned = std::make_shared<Owned<std::string_view>>(values.size(), values);
  owned->values.resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    PyObject* object = PyTuple_GET_ITEM(values.ptr(), static_cast<Py_ssize_t>(i));
    if (PyUnicode_Check(object) || PyBytes_Check(object))
      owned->values[i] = bytes_of(object, name, i);
    else
      owned->nulls.set(i);
  }
  return finish_strings(std::move(owned));
}

Column floats(const py::tuple& values) {
  const size_t rows = values.size();
  auto owned = std::make_shared<Owned<double>>(rows, py::tuple());
  owned->values.resize(rows);
  for (size_t i = 0; i < rows; ++i) {
    PyObject* object = PyTuple_GET_ITEM(values.ptr(), static_cast<Py_ssize_t>(i));
    if (kind_of(object) == ObjectKind::kNull) {
      owned->nulls.set(i);
      continue;
    }
    owned->values[i] = PyFloat_AsDouble(object);
    if (PyErr_Occurred()) {  // an integer beyond float64
      PyErr_Clear();
      owned->values[i] = INFINITY;
    }
  }
  Column column;
  column.type = ColumnType::kFloat64;
  column.described = "Python floats";
  finish(column, std::move(owned));
  return column;
}

Column booleans(const py::tuple& values) {
  const size_t rows = values.size();
  auto owned = std::make_shared<Owned<uint8_t>>(rows, py::tuple());
  owned->values.resize(rows);
  for (size_t i = 0; i < rows; ++i) {
    PyObject* object = PyTuple_GET_ITEM(values.ptr(), static_cast<Py_ssize_t>(i));
    if (kind_of(object) == ObjectKind::kNull)
      owned->nulls.set(i);
    else
      owned->values[i] = PyObject_IsTrue(object) == 1;
  }
  Column column;
  column.type = ColumnType::kBoolBytes;
  column.described = "Python bools";
  finish(column, std::move(owned));
  return column;
}

Column integers(const py::tuple& values, const std::string& name) {
  const size_t rows = values.size();
  auto owned = std::make_shared<Owned<int64_t>>(rows, py::tuple());
  owned->values.resize(rows);
  bool above = false;
  bool below = false;
  for (size_t i = 0; i < rows; ++i) {
    PyObject* object = PyTuple_GET_ITEM(values.ptr(), static_cast<Py_ssize_t>(i));
    if (kind_of(object) == ObjectKind::kNull) {
      owned->nulls.set(i);
      continue;
    }
    const bool flag = kind_of(object) == ObjectKind::kBool;  // True among integers is 1
    const auto number =
        py::reinterpret_steal<py::object>(flag ? PyLong_FromLong(PyObject_IsTrue(object)) : PyNumber_Index(object));
    if (!number) throw py::error_already_set();
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
    owned->values[i] = value;
    if (overflow == 0) {
      below |= value < 0;
      continue;
    }
    const unsigned long long bits = overflow > 0 ? PyLong_AsUnsignedLongLong(number.ptr()) : 0;
    if (overflow < 0 || PyErr_Occurred()) {
      PyErr_Clear();
      throw ValueError("column '" + name + "': row " + std::to_string(i) +
                       " holds an integer outside of [-2**63, 2**64)");
    }
    above = true;
    owned->values[i] = static_cast<int64_t>(bits);
  }
  Column column;
  column.type = !above ? ColumnType::kInt64 : below ? ColumnType::kIntBits : ColumnType::kUint64;
  column.described = "Python ints";
  if (column.type == ColumnType::kIntBits) {
    Column numbers = floats(values);
    column.buffers.push_back(numbers.data);
    column.children.push_back(std::move(numbers));  // keeps them alive
  }
  finish(column, std::move(owned));
  return column;
}

// A list of (key, value) pairs is what pyarrow gives for a map. False for a list that another thread has emptied.
bool is_pairs(PyObject* object) {
  const auto first = py::reinterpret_steal<py::object>(PySequence_GetItem(object, 0));
  if (!first) PyErr_Clear();
  return first && PyTuple_Check(first.ptr()) && PyTuple_GET_SIZE(first.ptr()) == 2;
}

py::tuple elements_of(py::handle object, const std::string& name) {
  if (PyList_Check(object.ptr())) return py::reinterpret_steal<py::tuple>(PyList_AsTuple(object.ptr()));
  if (PyTuple_Check(object.ptr())) return py::reinterpret_borrow<py::tuple>(object);
  if (py::isinstance<py::array>(object)) {
    if (py::reinterpret_borrow<py::array>(object).ndim() != 1)
      throw ValueError("column '" + name + "': a list in it is no vector");
    return py::tuple(object.attr("tolist")());
  }
  for (const char* method : {"to_pylist", "to_list", "tolist"}) {
    if (py::hasattr(object, method)) return py::tuple(object.attr(method)());
  }
  throw TypeError("column '" + name + "': expected lists, got " + std::string(Py_TYPE(object.ptr())->tp_name));
}

Column nested(const py::tuple& values, const std::string& name, bool maps, int depth) {
  const size_t rows = values.size();
  auto owned = std::make_shared<Owned<int64_t>>(rows, py::tuple());
  owned->values.assign(1, 0);
  py::list keys;
  py::list elements;
  for (size_t i = 0; i < rows; ++i) {
    const py::object object = values[i];
    if (kind_of(object.ptr()) == ObjectKind::kNull) {
      owned->nulls.set(i);
    } else if (PyDict_Check(object.ptr())) {
      for_each_entry(py::reinterpret_borrow<py::dict>(object), [&](const py::object& key, const py::object& value) {
        keys.append(key);
        elements.append(value);
      });
    } else if (maps) {
      for (py::handle pair : elements_of(object, name)) {
        if (!PyTuple_Check(pair.ptr()) || PyTuple_GET_SIZE(pair.ptr()) != 2) {
          throw TypeError("column '" + name + "': row " + std::to_string(i) +
                          " is neither a dict nor (key, value) pairs");
        }
        keys.append(py::handle(PyTuple_GET_ITEM(pair.ptr(), 0)));
        elements.append(py::handle(PyTuple_GET_ITEM(pair.ptr(), 1)));
      }
    } else {
      for (py::handle element : elements_of(object, name)) elements.append(element);
    }
    owned->values.push_back(static_cast<int64_t>(elements.size()));
  }
  Column column;
  column.described = maps ? "Python dicts" : "Python lists";
  if (maps) {
    column.children.push_back(column_from_objects(py::tuple(keys), name, depth + 1));
    // Map offsets are 32 bits wide, as in Arrow.
    if (elements.size() > static_cast<size_t>(INT32_MAX))
      throw ValueError("column '" + name + "': the maps hold over 2**31 entries");
    auto narrow = std::make_shared<Owned<int32_t>>(rows, py::tuple());
    narrow->values.assign(owned->values.begin(), owned->values.end());
    narrow->nulls = owned->nulls;
    column.type = ColumnType::kMap;
    column.children.push_back(column_from_objects(py::tuple(elements), name, depth + 1));
    column.offsets = narrow->values.data();
    if (narrow->nulls.any) column.validity = narrow->nulls.bits.data();
    column.owner = std::move(narrow);
    return column;
  }
  column.type = ColumnType::kList64;
  column.children.push_back(column_from_objects(py::tuple(elements), name, depth + 1));
  column.offsets = owned->values.data();
  if (owned->nulls.any) column.validity = owned->nulls.bits.data();
  column.owner = std::move(owned);
  return column;
}

}  // namespace

Column column_from_objects(py::tuple values, const std::string& name, int depth) {
  if (depth > kMaxDepth) throw ValueError("column '" + name + "': its lists are nested over 8 deep");
  if (std::optional<Column> column = only_strings(values)) return *std::move(column);
  if (std::optional<Column> column = only_integers(values)) return *std::move(column);
  const size_t rows = values.size();
  bool seen[10] = {};
  bool pairs = false;
  bool first_list = true;
  for (size_t i = 0; i < rows; ++i) {
    PyObject* object = PyTuple_GET_ITEM(values.ptr(), static_cast<Py_ssize_t>(i));
    ObjectKind kind = kind_of(object);
    if (kind == ObjectKind::kScalar) return column_from_objects(without_scalars(values), name, depth + 1);
    if (first_list && PyList_Check(object) && PyList_GET_SIZE(object) > 0) {  // empty lists say nothing
      pairs = is_pairs(object);
      first_list = false;
    }
    if (kind == ObjectKind::kFloat && is_nan(object) && !seen[static_cast<int>(ObjectKind::kFloat)]) {
      // NaN alone says nothing of the type: null among strings, a float among numbers.
      kind = seen[static_cast<int>(ObjectKind::kString)] ? ObjectKind::kNull : kind;
    }
    seen[static_cast<int>(kind)] = true;
    if (kind == ObjectKind::kOther) {
      Column column;
      column.type = ColumnType::kOther;
      column.length = static_cast<int64_t>(rows);
      column.described = std::string("Python objects of type ") + Py_TYPE(object)->tp_name;
      return column;
    }
  }
  const auto has = [&](ObjectKind kind) { return seen[static_cast<int>(kind)]; };
  const bool numbers = has(ObjectKind::kInt) || has(ObjectKind::kBool) || has(ObjectKind::kFloat);
  bool mixed = (has(ObjectKind::kList) || has(ObjectKind::kMap)) && (numbers || has(ObjectKind::kString));
  mixed |= has(ObjectKind::kTime) &&
           (numbers || has(ObjectKind::kString) || has(ObjectKind::kList) || has(ObjectKind::kMap));
  if (has(ObjectKind::kString) && numbers) {
    // pandas marks null strings by NaN, which may stand before the first string.
    mixed |= has(ObjectKind::kInt) || has(ObjectKind::kBool);
    for (size_t i = 0; i < rows && !mixed; ++i) {
      PyObject* object = PyTuple_GET_ITEM(values.ptr(), static_cast<Py_ssize_t>(i));
      mixed = kind_of(object) == ObjectKind::kFloat && !is_nan(object);
    }
  }
  Column column;
  if (mixed) {
    column.type = ColumnType::kOther;
    column.described = "Python objects of mixed types";
  } else if (has(ObjectKind::kTime)) {
    column = column_of_times(values, name);
  } else if (has(ObjectKind::kMap) || pairs) {
    column = nested(values, name, true, depth);
  } else if (has(ObjectKind::kList)) {
    column = nested(values, name, false, depth);
  } else if (has(ObjectKind::kString)) {
    column = strings(values, name);
  } else if (has(ObjectKind::kFloat)) {
    column = floats(values);
  } else if (has(ObjectKind::kInt)) {
    column = integers(values, name);
  } else if (has(ObjectKind::kBool)) {
    column = booleans(values);
  } else {
    column.type = ColumnType::kNull;
    column.described = "only nulls";
  }
  column.length = static_cast<int64_t>(rows);
  return column;
}

}  // namespace recfast::python
