#pragma once
// Ranked rows -> the fields of TopK: ids, scores, counts, certified, rescored, version, skipped, ignored. Ids is
// whatever knows the id of a row: type(), integer_at(row), string_at(row).

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "catalog/item_ids.h"
#include "retrieval/topk.h"

namespace recfast::python {

template <class Ids>
struct RankedRows {
  const Ids* ids = nullptr;
  std::span<const Ranked> best;
  bool certified = true;
  int64_t rescored = 0;
  int64_t skipped = 0;
  int64_t ignored = 0;
};

// Puts the id of the i-th best into a cell of an object array; None where there is none.
template <class Ids>
void set_string(void* cell, const RankedRows<Ids>& rows, pybind11::ssize_t i) {
  PyObject* text = nullptr;
  if (i < static_cast<pybind11::ssize_t>(rows.best.size())) {
    const std::string_view id = rows.ids->string_at(rows.best[static_cast<size_t>(i)].row);
    text = PyUnicode_DecodeUTF8(id.data(), static_cast<Py_ssize_t>(id.size()), nullptr);
    if (text == nullptr) throw pybind11::error_already_set();
  } else {
    text = pybind11::none().release().ptr();
  }
  auto** at = static_cast<PyObject**>(cell);
  Py_XDECREF(*at);
  *at = text;
}

// int64 [n] or object [n] of str.
template <class Ids>
pybind11::object ids_of(const RankedRows<Ids>& rows) {
  namespace py = pybind11;
  const auto count = static_cast<py::ssize_t>(rows.best.size());
  if (rows.ids->type() != IdType::kString) {
    py::array_t<int64_t> out(count);
    int64_t* data = out.mutable_data();
    for (const Ranked& ranked : rows.best) *data++ = rows.ids->integer_at(ranked.row);
    return out;
  }
  py::array out(py::dtype("O"), std::vector<py::ssize_t>{count});
  auto** cells = static_cast<PyObject**>(out.mutable_data());
  for (py::ssize_t i = 0; i < count; ++i) set_string(cells + i, rows, i);
  return out;
}

template <class Ids>
pybind11::tuple top_k_of_one(const RankedRows<Ids>& rows, int64_t version) {
  namespace py = pybind11;
  const auto found = static_cast<py::ssize_t>(rows.best.size());
  py::array_t<float> scores(found);
  float* data = scores.mutable_data();
  for (const Ranked& ranked : rows.best) *data++ = ranked.score;
  py::array_t<int64_t> counts(1);
  *counts.mutable_data() = found;
  return py::make_tuple(ids_of(rows), scores, counts, rows.certified, rows.rescored, version, rows.skipped,
                        rows.ignored);
}

// A batch: ids [B, K'] padded with -1 or None, scores [B, K'] padded with -inf, counts [B]; the numbers are sums.
template <class Ids>
pybind11::tuple top_k_of_many(std::span<const RankedRows<Ids>> results, int64_t version, bool strings) {
  namespace py = pybind11;
  const auto queries = static_cast<py::ssize_t>(results.size());
  size_t longest = 0;
  for (const RankedRows<Ids>& rows : results) longest = std::max(longest, rows.best.size());
  const auto width = static_cast<py::ssize_t>(longest);
  py::array ids(strings ? py::dtype("O") : py::dtype::of<int64_t>(), std::vector<py::ssize_t>{queries, width});
  py::array_t<float> scores({queries, width});
  py::array_t<int64_t> counts(queries);
  float* score = scores.mutable_data();
  bool certified = true;
  int64_t rescored = 0;
  int64_t skipped = 0;
  int64_t ignored = 0;
  for (py::ssize_t q = 0; q < queries; ++q) {
    const RankedRows<Ids>& rows = results[static_cast<size_t>(q)];
    const auto found = static_cast<py::ssize_t>(rows.best.size());
    for (py::ssize_t i = 0; i < width; ++i) {
      *score++ = i < found ? rows.best[static_cast<size_t>(i)].score : -std::numeric_limits<float>::infinity();
      void* out = ids.mutable_data(q, i);
      if (strings) {
        set_string(out, rows, i);
      } else {
        *static_cast<int64_t*>(out) = i < found ? rows.ids->integer_at(rows.best[static_cast<size_t>(i)].row) : -1;
      }
    }
    counts.mutable_at(q) = found;
    certified &= rows.certified;
    rescored += rows.rescored;
    skipped += rows.skipped;
    ignored += rows.ignored;
  }
  return py::make_tuple(ids, scores, counts, certified, rescored, version, skipped, ignored);
}

}  // namespace recfast::python
