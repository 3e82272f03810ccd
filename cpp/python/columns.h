#pragma once
// Python objects -> Columns. All of it needs the GIL; the columns themselves do not.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <utility>

#include "features/column_set.h"

namespace recfast::python {

// Keeps a Python object alive from C++; takes the GIL to let it go.
std::shared_ptr<const void> keep_alive(pybind11::object object);

// A table that was converted once (`_core.Columns`).
struct Columns {
  ColumnSet set;
};

// Anything that is a column: Arrow (PyCapsule), numpy, pandas, polars, a list or tuple. `name` is for messages.
ChunkedColumn column_from_python(pybind11::handle object, const std::string& name);
// Anything that is a table: Arrow (PyCapsule), pandas, polars, a structured array, or a mapping of columns.
ColumnSet table_from_python(pybind11::handle object, const std::string& what);
// A mapping from feature to one raw value: a table of one row.
ColumnSet request_from_python(pybind11::handle object);

// The parts, one file each.
bool is_arrow(pybind11::handle object);
ChunkedColumn column_from_arrow(pybind11::handle object, const std::string& name);
ColumnSet table_from_arrow(pybind11::handle object);
Column column_from_numpy(const pybind11::array& array, const std::string& name);
Column column_from_objects(pybind11::tuple values, const std::string& name);

}  // namespace recfast::python
