// Hash: XXH64 of scalars, columns and buffers.

#include <optional>

#include "base/error.h"
#include "features/column_visit.h"
#include "features/feature.h"
#include "features/hash_rows.h"
#include "hash/hash.h"
#include "hash/xxh64_many.h"
#include "python/columns.h"
#include "python/register.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

bool is_scalar(py::handle value) {
  return PyUnicode_Check(value.ptr()) || PyBytes_Check(value.ptr()) ||
         (PyIndex_Check(value.ptr()) && !py::hasattr(value, "__len__"));
}

void prefetch(PyObject* const* objects, Py_ssize_t i, Py_ssize_t n) {
  constexpr Py_ssize_t kAhead = 16;
  const char* object = reinterpret_cast<const char*>(objects[i + kAhead < n ? i + kAhead : n - 1]);
  __builtin_prefetch(object);
  __builtin_prefetch(object + 63);  // a short str is 49 bytes and its text
}

// out[i] = hash of objects[i], up to the first that is no str, or none in UTF-8. Returns how many came before it.
//
// Texts of one length are collected and hashed beside each other. Where lengths differ, texts are hashed as they come
// for a while: what the last ones cost hides the way of the next ones from memory.
Py_ssize_t hash_texts(PyObject* const* objects, Py_ssize_t n, uint64_t seed, uint64_t* out) {
  constexpr Py_ssize_t kGroup = 18;
  constexpr Py_ssize_t kWhile = 96;
  std::string_view texts[kGroup];
  std::optional<std::string_view> text;
  const auto read = [&](Py_ssize_t i) {
    if (!PyUnicode_Check(objects[i])) return false;
    prefetch(objects, i, n);
    text = utf8_of(objects[i]);
    return text.has_value();
  };
  Py_ssize_t i = 0;
  while (i < n) {
    const Py_ssize_t first = i;
    const Py_ssize_t end = std::min(n, first + kGroup);
    for (; i < end && read(i) && (i == first || text->size() == texts[0].size()); ++i) texts[i - first] = *text;
    xxh64_many(i - first, [&](int64_t at) { return texts[at]; }, seed, out + first);
    if (i == end) continue;
    for (const Py_ssize_t stop = std::min(n, i + kWhile); i < stop; ++i) {
      if (!read(i)) return i;
      out[i] = hash_bytes(*text, seed);
    }
  }
  return n;
}

// out[i] = hash of objects[i], in one pass, where all are str or all are plain int in [-2^63, 2^63). Returns how many
// came before the first other one: those need the general way, which also says what is wrong.
Py_ssize_t hash_objects(PyObject* const* objects, Py_ssize_t n, uint64_t seed, uint64_t* out) {
  if (n > 0 && PyUnicode_Check(objects[0])) {
    return hash_texts(objects, n, seed, out);
  }
  Py_ssize_t i = 0;
  for (; i < n && PyLong_CheckExact(objects[i]); ++i) {
    prefetch(objects, i, n);
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(objects[i], &overflow);
    if (overflow != 0) return i;
    out[i] = hash_int(value, seed);
  }
  return i;
}

// out[i] = hash of row i of one chunk, whose first row is row `first` of the column.
void hash_chunk(const Column& chunk, int64_t first, uint64_t seed, uint64_t* out) {
  const Column& values = values_of(chunk);
  if (values.length > 0 && !values.is_string() && !values.is_integer() && values.type != ColumnType::kNull) {
    throw TypeError(
        "hash: expected str, bytes or integers, got " + values.described +
        (values.is_float() ? "; cast floats to integers or strings first, since their text differs by language" : ""));
  }
  const bool dictionary = chunk.type == ColumnType::kDictionary;
  const auto nulls = [](const Column& column) { return column.validity || column.type == ColumnType::kNull; };
  if (nulls(chunk) || nulls(values)) {
    for_each_value(chunk, [&](const Column& source, int64_t at, int64_t row) {
      if (at < 0 || source.is_null(at)) {
        throw ValueError("hash: row " + std::to_string(first + row) +
                         " is null, which has no hash; drop or fill nulls first");
      }
    });
  }
  if (!dictionary) return hash_rows(chunk, 0, chunk.length, seed, out);
  // Of a dictionary with more entries than rows only those that the rows name: the others were not checked either.
  const bool all = values.length <= chunk.length;
  std::vector<uint64_t> entries(static_cast<size_t>(all ? values.length : 0));
  if (all) hash_rows(values, 0, values.length, seed, entries.data());
  visit_integers(chunk.index_type, chunk.data, chunk.offset, [&](auto entry_at) {
    for (int64_t row = 0; row < chunk.length; ++row) {
      if (all)
        out[row] = entries[static_cast<size_t>(entry_at(row))];
      else
        hash_rows(values, entry_at(row), entry_at(row) + 1, seed, out + row);
    }
  });
}

// Fills `out`, one array element per value. Nulls and other types are refused.
template <class Out>
py::array_t<Out> hashes_of(const py::object& values, uint64_t seed) {
  static_assert(sizeof(Out) == sizeof(uint64_t));
  const auto data_of = [](py::array_t<Out>& out) { return reinterpret_cast<uint64_t*>(out.mutable_data()); };
#ifndef Py_GIL_DISABLED  // without the GIL another thread may change a list in the middle of the loop
  if (PyList_Check(values.ptr()) || PyTuple_Check(values.ptr())) {
    const Py_ssize_t n = PySequence_Fast_GET_SIZE(values.ptr());
    py::array_t<Out> out(n);
    if (hash_objects(PySequence_Fast_ITEMS(values.ptr()), n, seed, data_of(out)) == n) return out;
  }
#endif
  const ChunkedColumn column = column_from_python(values, "values");
  py::array_t<Out> out(static_cast<py::ssize_t>(column.length));
  uint64_t* data = data_of(out);
  const py::gil_scoped_release free;
  int64_t first = 0;
  for (const Column& chunk : column.chunks) {
    hash_chunk(chunk, first, seed, data + first);
    first += chunk.length;
  }
  return out;
}

uint64_t hash_of_scalar(const py::object& value, uint64_t seed) {
  PyObject* object = value.ptr();
  uint64_t hash = 0;
  if (hash_objects(&object, 1, seed, &hash) == 1) return hash;
  hash_chunk(column_from_objects(py::make_tuple(value), "values"), 0, seed, &hash);
  return hash;
}

uint64_t read_seed(py::handle seed) {
  const py::object number = py::reinterpret_steal<py::object>(PyNumber_Index(seed.ptr()));
  if (!number) throw py::error_already_set();
  const unsigned long long value = PyLong_AsUnsignedLongLong(number.ptr());
  if (PyErr_Occurred()) {
    PyErr_Clear();
    throw ValueError("seed is an integer in [0, 2**64)");
  }
  return value;
}

}  // namespace

void register_hash(py::module_& m) {
  m.def(
      "hash64",
      [](const py::object& values, const py::object& seed) -> py::object {
        const uint64_t from = read_seed(seed);
        if (is_scalar(values)) return py::int_(hash_of_scalar(values, from));
        return hashes_of<uint64_t>(values, from);
      },
      py::arg("values"), py::arg("seed") = 0);
  m.def(
      "bucket",
      [](const py::object& values, int64_t buckets, const py::object& seed) -> py::object {
        if (buckets < 1) throw ValueError("buckets is at least 1, got " + std::to_string(buckets));
        const uint64_t from = read_seed(seed);
        const auto count = static_cast<uint64_t>(buckets);
        if (is_scalar(values)) return py::int_(bucket(hash_of_scalar(values, from), count));
        py::array_t<int64_t> out = hashes_of<int64_t>(values, from);
        int64_t* data = out.mutable_data();
        const py::ssize_t n = out.size();
        const py::gil_scoped_release free;
        for (py::ssize_t i = 0; i < n; ++i)
          data[i] = static_cast<int64_t>(bucket(static_cast<uint64_t>(data[i]), count));
        return out;
      },
      py::arg("values"), py::arg("buckets"), py::arg("seed") = 0);
  m.def(
      "hash_buffer",
      [](const py::buffer& buffer, const py::object& seed) {
        const uint64_t from = read_seed(seed);
        Py_buffer view;
        if (PyObject_GetBuffer(buffer.ptr(), &view, PyBUF_C_CONTIGUOUS) != 0) throw py::error_already_set();
        uint64_t hash = 0;
        {
          const py::gil_scoped_release free;
          hash = xxh64(view.buf, static_cast<size_t>(view.len), from);
        }
        PyBuffer_Release(&view);
        return hash;
      },
      py::arg("buffer"), py::arg("seed") = 0, "XXH64 of contiguous memory.");
}

}  // namespace recfast::python
