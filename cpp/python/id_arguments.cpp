#include "python/id_arguments.h"

#include "python/columns.h"

namespace py = pybind11;

namespace recfast::python {

std::optional<ChunkedColumn> read_ids(const py::object& ids, const char* what) {
  if (ids.is_none()) return std::nullopt;
  if (const std::optional<int64_t> length = length_of(ids)) check_rows(what, *length);
  if (PyAnySet_Check(ids.ptr()) || PyDictKeys_Check(ids.ptr())) return column_from_python(py::list(ids), what);
  return column_from_python(ids, what);
}

bool is_per_query(const py::object& ids) {
  if (!PyList_Check(ids.ptr()) && !PyTuple_Check(ids.ptr())) return false;
  if (PySequence_Size(ids.ptr()) == 0) return false;
  const py::object first = py::reinterpret_steal<py::object>(PySequence_GetItem(ids.ptr(), 0));
  return !PyUnicode_Check(first.ptr()) && !PyBytes_Check(first.ptr()) &&
         (py::hasattr(first, "__len__") || is_arrow(first));
}

}  // namespace recfast::python
