// Catalog and Ranker: converts ids and tables, releases the GIL, gives the best back as numpy arrays.

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <optional>

#include "base/error.h"
#include "python/columns.h"
#include "python/register.h"
#include "ranking/ranker.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

// int64 [n] or object [n] of str.
py::object ids_of(const RankResult& result) {
  const ItemIds& ids = result.snapshot->ids;
  const auto count = static_cast<py::ssize_t>(result.best.size());
  if (ids.type() != IdType::kString) {
    py::array_t<int64_t> out(count);
    int64_t* data = out.mutable_data();
    for (const Ranked& ranked : result.best) *data++ = ids.integer_at(ranked.row);
    return out;
  }
  py::array out(py::dtype("O"), std::vector<py::ssize_t>{count});
  auto** data = static_cast<PyObject**>(out.mutable_data());
  for (const Ranked& ranked : result.best) {
    const std::string_view id = ids.string_at(ranked.row);
    PyObject* text = PyUnicode_DecodeUTF8(id.data(), static_cast<Py_ssize_t>(id.size()), nullptr);
    if (text == nullptr) throw py::error_already_set();
    Py_XDECREF(*data);
    *data++ = text;
  }
  return out;
}

py::tuple to_python(const RankResult& result) {
  py::array_t<float> scores(static_cast<py::ssize_t>(result.best.size()));
  float* data = scores.mutable_data();
  for (const Ranked& ranked : result.best) *data++ = ranked.score;
  return py::make_tuple(ids_of(result), scores, result.snapshot->version, result.skipped, result.ignored);
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

template <class Call>
py::tuple without_gil(Call&& call) {
  RankResult result;
  {
    const py::gil_scoped_release free;
    result = call();
  }
  return to_python(result);
}

py::tuple rank(const Ranker& self, const py::object& request, const py::object& candidates, const py::object& items,
               int64_t k, const py::object& exclude, const py::object& pair, bool skip_missing) {
  const ColumnSet features = request_from_python(request);
  const std::optional<ChunkedColumn> wanted = read_ids(candidates, "candidates");
  const std::optional<ColumnSet> fresh = read_table(items, "items");
  const std::optional<ChunkedColumn> excluded = read_ids(exclude, "exclude");
  const std::optional<ColumnSet> pairs = read_table(pair, "pair");
  const RankOptions options{.k = k,
                            .skip_missing = skip_missing,
                            .pair = pairs ? &*pairs : nullptr,
                            .exclude = excluded ? &*excluded : nullptr};
  return without_gil([&] {
    if (fresh) return self.rank_items(features, *fresh, options);
    if (wanted) return self.rank(features, *wanted, options);
    return self.recommend(features, options);
  });
}

}  // namespace

void register_catalog(py::module_& m) {
  py::class_<Catalog, std::shared_ptr<Catalog>>(m, "Catalog", "The items of a shop with their precomputed item side.")
      .def(py::init([](const std::shared_ptr<cpu::Executor>& executor, const py::object& items) {
             const ColumnSet columns = table_from_python(items, "items");
             const py::gil_scoped_release free;
             return std::make_shared<Catalog>(executor, columns);
           }),
           py::arg("executor"), py::arg("items"))
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
      .def("__len__", [](const Catalog& self) { return self.current()->size(); })
      .def_property_readonly("version", [](const Catalog& self) { return self.current()->version; })
      .def_property_readonly("size_bytes", [](const Catalog& self) { return self.current()->size_bytes(); })
      .def("ids", [](const Catalog& self) {
        RankResult all{.snapshot = self.current(), .best = {}};
        for (int64_t row = 0; row < all.snapshot->size(); ++row) all.best.push_back({row, 0.0f});
        return ids_of(all);
      });
  py::class_<Ranker>(m, "Ranker", "Ranks candidates of a catalogue, or fresh items, or the whole catalogue.")
      .def(py::init([](const std::shared_ptr<Catalog>& catalog) { return std::make_unique<Ranker>(catalog); }),
           py::arg("catalog"))
      .def("rank", &rank, py::arg("request"), py::kw_only(), py::arg("candidates"), py::arg("items"), py::arg("k"),
           py::arg("exclude"), py::arg("pair"), py::arg("skip_missing"));
}

}  // namespace recfast::python
