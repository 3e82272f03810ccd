#pragma once
// Python objects -> Columns. All of it needs the GIL; the columns themselves do not.

#include <pybind11/critical_section.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "features/column_set.h"

namespace recfast::python {

// Keeps a Python object alive from C++; takes the GIL to let it go.
std::shared_ptr<const void> keep_alive(pybind11::object object);

// The UTF-8 of a str where CPython keeps it: alive as long as the str. Nothing for an unpaired surrogate.
inline std::optional<std::string_view> utf8_of(PyObject* text) {
  if (PyUnicode_IS_COMPACT_ASCII(text))
    return {{static_cast<const char*>(PyUnicode_DATA(text)), static_cast<size_t>(PyUnicode_GET_LENGTH(text))}};
  Py_ssize_t size = 0;
  const char* bytes = PyUnicode_AsUTF8AndSize(text, &size);
  if (bytes != nullptr) return {{bytes, static_cast<size_t>(size)}};
  PyErr_Clear();
  return std::nullopt;
}

// The UTF-8 of a str. Throws ValueError when it holds an unpaired surrogate; `what` says what it is.
std::string text_of(pybind11::handle text, const std::string& what);

// Calls each(key, value) for every entry. Another thread may change the dict meanwhile: the entry in hand is held, and
// without a GIL the dict is locked.
template <class Each>
void for_each_entry(const pybind11::dict& entries, Each&& each) {
  const pybind11::scoped_critical_section locked(entries);
  for (const auto& [key, value] : entries) {
    each(pybind11::reinterpret_borrow<pybind11::object>(key), pybind11::reinterpret_borrow<pybind11::object>(value));
  }
}

// A table that was converted once (`_core.Columns`).
struct Columns {
  ColumnSet set;
};

// Anything that is a column: Arrow (PyCapsule), numpy, pandas, polars, a list or another sequence. `name` is for
// messages.
ChunkedColumn column_from_python(pybind11::handle object, const std::string& name);
// How many rows a column may have: throws for others. Called before anything is made of it; a view of one number may
// have any length.
using RowCheck = std::function<void(const std::string& column, int64_t rows)>;
// A RowCheck for the rows of a catalogue, or for what is looked up among them. Throws ValueError from 2**31 on.
void check_rows(const std::string& column, int64_t rows);
// How long an array, a Series, a list or another sequence is; nothing for what is no column, or does not say.
std::optional<int64_t> length_of(pybind11::handle object);

// Anything that is a table: Arrow (PyCapsule), pandas, polars, a structured array, or a mapping of columns.
ColumnSet table_from_python(pybind11::handle object, const std::string& what, const RowCheck& check = {});

// The parts, one file each.
bool is_arrow(pybind11::handle object);
bool is_pandas_frame(pybind11::handle object);
ChunkedColumn column_from_arrow(pybind11::handle object, const std::string& name);
ColumnSet table_from_arrow(pybind11::handle object);
Column column_from_numpy(const pybind11::array& array, const std::string& name);
// depth: how many lists are around it.
Column column_from_objects(pybind11::tuple values, const std::string& name, int depth = 0);

}  // namespace recfast::python
