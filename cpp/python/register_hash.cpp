// Hash: XXH64 of scalars, columns and buffers.

#include "base/error.h"
#include "features/feature.h"
#include "features/row_mapping.h"
#include "hash/hash.h"
#include "python/columns.h"
#include "python/register.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

bool is_scalar(py::handle value) {
  return PyUnicode_Check(value.ptr()) || PyBytes_Check(value.ptr()) ||
         (PyIndex_Check(value.ptr()) && !py::hasattr(value, "__len__"));
}

// Hashes of every value; nulls and other types are refused.
std::vector<uint64_t> hash_column(const ChunkedColumn& column, uint64_t seed) {
  std::vector<uint64_t> out;
  out.reserve(static_cast<size_t>(column.length));
  for (const Column& chunk : column.chunks) {
    const Column& values = values_of(chunk);
    if (values.length > 0 && !values.is_string() && !values.is_integer() && values.type != ColumnType::kNull) {
      throw TypeError("hash: expected str, bytes or integers, got " + values.described +
                      (values.is_float()
                           ? "; cast floats to integers or strings first, since their text differs by language"
                           : ""));
    }
    for_each_value(chunk, [&](const Column& source, int64_t at, int64_t) {
      if (at < 0 || source.is_null(at)) {
        throw ValueError("hash: row " + std::to_string(out.size()) +
                         " is null, which has no hash; drop or fill nulls first");
      }
      out.push_back(hash_value(source, at, seed));
    });
  }
  return out;
}

std::vector<uint64_t> hashes_of(const py::object& values, uint64_t seed) {
  ChunkedColumn column;
  if (is_scalar(values)) {
    column.append(column_from_objects(py::make_tuple(values), "values"));
  } else {
    column = column_from_python(values, "values");
  }
  const py::gil_scoped_release free;
  return hash_column(column, seed);
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

template <class Out, class In, class Convert>
py::object result_of(const py::object& values, const std::vector<In>& hashes, Convert&& convert) {
  if (is_scalar(values)) return py::int_(convert(hashes[0]));
  py::array_t<Out> out(static_cast<py::ssize_t>(hashes.size()));
  Out* data = out.mutable_data();
  for (const In hash : hashes) *data++ = static_cast<Out>(convert(hash));
  return out;
}

}  // namespace

void register_hash(py::module_& m) {
  m.def(
      "hash64",
      [](const py::object& values, const py::object& seed) {
        const auto hashes = hashes_of(values, read_seed(seed));
        return result_of<uint64_t>(values, hashes, [](uint64_t hash) { return hash; });
      },
      py::arg("values"), py::arg("seed") = 0);
  m.def(
      "bucket",
      [](const py::object& values, int64_t buckets, const py::object& seed) {
        if (buckets < 1) throw ValueError("buckets is at least 1, got " + std::to_string(buckets));
        const auto hashes = hashes_of(values, read_seed(seed));
        return result_of<int64_t>(values, hashes,
                                  [&](uint64_t hash) { return bucket(hash, static_cast<uint64_t>(buckets)); });
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
