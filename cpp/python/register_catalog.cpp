// Catalog and Ranker: converts ids and tables, releases the GIL, gives the best back as numpy arrays.

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <limits>
#include <optional>

#include "base/error.h"
#include "python/columns.h"
#include "python/register.h"
#include "python/request_reader.h"
#include "ranking/ranker.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

// Puts the id of the i-th best into a cell of an object array; None where there is none.
void set_string(void* cell, const RankResult& result, py::ssize_t i) {
  PyObject* text = nullptr;
  if (i < static_cast<py::ssize_t>(result.best.size())) {
    const std::string_view id = result.snapshot->ids.string_at(result.best[static_cast<size_t>(i)].row);
    text = PyUnicode_DecodeUTF8(id.data(), static_cast<Py_ssize_t>(id.size()), nullptr);
    if (text == nullptr) throw py::error_already_set();
  } else {
    text = py::none().release().ptr();
  }
  auto** at = static_cast<PyObject**>(cell);
  Py_XDECREF(*at);
  *at = text;
}

// int64 [n] or object [n] of str.
py::object ids_of(const RankResult& result) {
  const VersionIds& ids = result.snapshot->ids;
  const auto count = static_cast<py::ssize_t>(result.best.size());
  if (ids.type() != IdType::kString) {
    py::array_t<int64_t> out(count);
    int64_t* data = out.mutable_data();
    for (const Ranked& ranked : result.best) *data++ = ids.integer_at(ranked.row);
    return out;
  }
  py::array out(py::dtype("O"), std::vector<py::ssize_t>{count});
  auto** cells = static_cast<PyObject**>(out.mutable_data());
  for (py::ssize_t i = 0; i < count; ++i) set_string(cells + i, result, i);
  return out;
}

// The fields of TopK: ids, scores, counts, certified, rescored, version, skipped, ignored. All scores are exact ones.
py::tuple to_python(const RankResult& result) {
  const auto found = static_cast<py::ssize_t>(result.best.size());
  py::array_t<float> scores(found);
  float* data = scores.mutable_data();
  for (const Ranked& ranked : result.best) *data++ = ranked.score;
  py::array_t<int64_t> counts(1);
  *counts.mutable_data() = found;
  return py::make_tuple(ids_of(result), scores, counts, true, 0, result.snapshot->version, result.skipped,
                        result.ignored);
}

// The same for a batch: ids [B, K'] padded with -1 or None, scores [B, K'] padded with -inf, counts [B].
py::tuple to_python(const std::vector<RankResult>& results, int64_t version, bool strings) {
  const auto queries = static_cast<py::ssize_t>(results.size());
  size_t longest = 0;
  for (const RankResult& result : results) longest = std::max(longest, result.best.size());
  const auto width = static_cast<py::ssize_t>(longest);
  py::array ids(strings ? py::dtype("O") : py::dtype::of<int64_t>(), std::vector<py::ssize_t>{queries, width});
  py::array_t<float> scores({queries, width});
  py::array_t<int64_t> counts(queries);
  float* score = scores.mutable_data();
  int64_t skipped = 0;
  int64_t ignored = 0;
  for (py::ssize_t q = 0; q < queries; ++q) {
    const RankResult& result = results[static_cast<size_t>(q)];
    const auto found = static_cast<py::ssize_t>(result.best.size());
    for (py::ssize_t i = 0; i < width; ++i) {
      *score++ = i < found ? result.best[static_cast<size_t>(i)].score : -std::numeric_limits<float>::infinity();
      void* out = ids.mutable_data(q, i);
      if (strings) {
        set_string(out, result, i);
      } else {
        *static_cast<int64_t*>(out) =
            i < found ? result.snapshot->ids.integer_at(result.best[static_cast<size_t>(i)].row) : -1;
      }
    }
    counts.mutable_at(q) = found;
    skipped += result.skipped;
    ignored += result.ignored;
  }
  return py::make_tuple(ids, scores, counts, true, 0, version, skipped, ignored);
}

std::optional<ChunkedColumn> read_ids(const py::object& ids, const char* what) {
  if (ids.is_none()) return std::nullopt;
  if (PyAnySet_Check(ids.ptr()) || PyDictKeys_Check(ids.ptr())) return column_from_python(py::list(ids), what);
  return column_from_python(ids, what);
}

std::optional<ColumnSet> read_table(const py::object& table, const char* what) {
  if (table.is_none()) return std::nullopt;
  return table_from_python(table, what);
}

// A ranker, and how its requests are read.
struct BoundRanker {
  explicit BoundRanker(const std::shared_ptr<Catalog>& catalog) : ranker(catalog), requests(ranker.encoder()) {}
  Ranker ranker;
  RequestReader requests;
};

// What a Query points to.
struct Arguments {
  Request request;
  std::optional<ChunkedColumn> candidates;
  std::optional<ChunkedColumn> exclude;
  std::optional<ColumnSet> pair;

  Query query(int64_t k, bool skip_missing) const {
    return {.request = &request,
            .candidates = candidates ? &*candidates : nullptr,
            .options = {.k = k,
                        .skip_missing = skip_missing,
                        .pair = pair ? &*pair : nullptr,
                        .exclude = exclude ? &*exclude : nullptr}};
  }
};

py::tuple rank(const BoundRanker& self, const py::object& request, const py::object& candidates,
               const py::object& items, int64_t k, const py::object& exclude, const py::object& pair, bool skip_missing,
               int64_t threads) {
  Pins pins;
  const Arguments arguments{.request = self.requests.read(request, pins),
                            .candidates = read_ids(candidates, "candidates"),
                            .exclude = read_ids(exclude, "exclude"),
                            .pair = read_table(pair, "pair")};
  const std::optional<ColumnSet> fresh = read_table(items, "items");
  RankResult result;
  {
    const py::gil_scoped_release free;
    result = self.ranker.rank(fresh ? self.ranker.fresh(*fresh) : self.ranker.current(),
                              arguments.query(k, skip_missing), threads);
  }
  return to_python(result);
}

// Whether ids are given per query: a list or tuple of columns.
bool is_per_query(const py::object& ids) {
  if (!PyList_Check(ids.ptr()) && !PyTuple_Check(ids.ptr())) return false;
  if (PySequence_Size(ids.ptr()) == 0) return false;
  const py::object first = py::reinterpret_steal<py::object>(PySequence_GetItem(ids.ptr(), 0));
  return !PyUnicode_Check(first.ptr()) && !PyBytes_Check(first.ptr()) &&
         (py::hasattr(first, "__len__") || is_arrow(first));
}

// One value per query: given for each (a list of B), the same for all, or none.
template <class Read>
auto per_query(const py::object& given, size_t queries, const char* what, bool listed, Read&& read) {
  std::vector<decltype(read(given))> out;
  if (!listed) {
    out.assign(queries, queries > 0 ? read(given) : decltype(read(given)){});
    return out;
  }
  const py::sequence list = py::reinterpret_borrow<py::sequence>(given);
  if (list.size() != queries) {
    throw ValueError(std::string(what) + " is given per request: " + std::to_string(list.size()) + " for " +
                     std::to_string(queries) + " requests");
  }
  for (size_t i = 0; i < queries; ++i) out.push_back(read(py::object(list[i])));
  return out;
}

py::tuple rank_batch(const BoundRanker& self, const py::sequence& requests, const py::object& candidates,
                     const py::object& items, int64_t k, const py::object& exclude, const py::object& pair,
                     bool skip_missing, int64_t threads) {
  const size_t count = requests.size();
  Pins pins;
  std::vector<Arguments> arguments;
  arguments.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    arguments.push_back({.request = self.requests.read(py::object(requests[i]), pins)});
  }
  const auto ids = [&](const char* what) { return [what](const py::object& given) { return read_ids(given, what); }; };
  auto wanted = per_query(candidates, count, "candidates", is_per_query(candidates), ids("candidates"));
  auto excluded = per_query(exclude, count, "exclude", is_per_query(exclude), ids("exclude"));
  auto pairs = per_query(pair, count, "pair", PyList_Check(pair.ptr()) || PyTuple_Check(pair.ptr()),
                         [](const py::object& given) { return read_table(given, "pair"); });
  const std::optional<ColumnSet> fresh = read_table(items, "items");
  std::vector<RankResult> results;
  int64_t version = 0;
  bool strings = false;
  {
    const py::gil_scoped_release free;
    const std::shared_ptr<const Snapshot> snapshot = fresh ? self.ranker.fresh(*fresh) : self.ranker.current();
    std::vector<Query> queries;
    queries.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      arguments[i].candidates = std::move(wanted[i]);
      arguments[i].exclude = std::move(excluded[i]);
      arguments[i].pair = std::move(pairs[i]);
      queries.push_back(arguments[i].query(k, skip_missing));
    }
    results = self.ranker.rank_batch(snapshot, queries, threads);
    version = snapshot->version;
    strings = snapshot->ids.type() == IdType::kString;
  }
  return to_python(results, version, strings);
}

}  // namespace

void register_catalog(py::module_& m) {
  py::class_<Catalog, std::shared_ptr<Catalog>>(m, "Catalog", "The items of a shop with their precomputed item side.")
      .def(py::init(
               [](const std::shared_ptr<cpu::Executor>& executor, const py::object& items, const std::string& dtype) {
                 const RowFormat format = parse_row_format(dtype);
                 const ColumnSet columns = table_from_python(items, "items");
                 const py::gil_scoped_release free;
                 return std::make_shared<Catalog>(executor, columns, format);
               }),
           py::arg("executor"), py::arg("items"), py::arg("dtype") = "f32")
      .def(
          "upsert",
          [](Catalog& self, const py::object& items) {
            const ColumnSet columns = table_from_python(items, "items");
            const py::gil_scoped_release free;
            return self.upsert(columns);
          },
          py::arg("items"))
      .def(
          "remove",
          [](Catalog& self, const py::object& ids) {
            const std::optional<ChunkedColumn> column = read_ids(ids, "ids");
            if (!column) throw TypeError("ids to remove: expected a sequence of ids, got None");
            const py::gil_scoped_release free;
            return self.remove(*column);
          },
          py::arg("ids"))
      .def(
          "replace",
          [](Catalog& self, const py::object& items) {
            const ColumnSet columns = table_from_python(items, "items");
            const py::gil_scoped_release free;
            return self.replace(columns);
          },
          py::arg("items"))
      .def("memory",
           [](const Catalog& self) {
             const Catalog::Memory memory = self.memory();
             return py::make_tuple(memory.current, memory.older, memory.spare, memory.versions);
           })
      .def("__len__", [](const Catalog& self) { return self.current()->living; })
      .def_property_readonly("version", [](const Catalog& self) { return self.current()->version; })
      .def_property_readonly("size_bytes", [](const Catalog& self) { return self.current()->size_bytes(); })
      .def("ids", [](const Catalog& self) {
        RankResult all{.snapshot = self.current(), .best = {}};
        all.snapshot->for_each_living([&](int64_t row) { all.best.push_back({row, 0.0f}); });
        return ids_of(all);
      });
  py::class_<BoundRanker>(m, "Ranker", "Ranks candidates of a catalogue, or fresh items, or the whole catalogue.")
      .def(py::init<const std::shared_ptr<Catalog>&>(), py::arg("catalog"))
      .def("rank", &rank, py::arg("request"), py::arg("candidates"), py::arg("items"), py::arg("k"), py::arg("exclude"),
           py::arg("pair"), py::arg("skip_missing"), py::arg("threads") = 1)
      .def("rank_batch", &rank_batch, py::arg("requests"), py::arg("candidates"), py::arg("items"), py::arg("k"),
           py::arg("exclude"), py::arg("pair"), py::arg("skip_missing"), py::arg("threads"));
}

}  // namespace recfast::python
