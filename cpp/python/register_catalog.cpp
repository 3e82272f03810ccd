// Catalog and Ranker: converts ids and tables, releases the GIL, gives the best back as numpy arrays.

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <optional>

#include "base/error.h"
#include "python/columns.h"
#include "python/id_arguments.h"
#include "python/pair_engine.h"
#include "python/register.h"
#include "python/request_reader.h"
#include "python/top_k_arrays.h"
#include "ranking/ranker.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

RankedRows<VersionIds> rows_of(const RankResult& result) {
  return {.ids = &result.snapshot->ids,
          .best = result.best,
          .certified = result.certified,
          .rescored = result.rescored,
          .skipped = result.skipped,
          .ignored = result.ignored};
}

std::optional<ColumnSet> read_table(const py::object& table, const char* what) {
  if (table.is_none()) return std::nullopt;
  return table_from_python(table, what, &check_rows);
}

// A ranker, and how its requests are read.
struct BoundRanker {
  BoundRanker(const std::shared_ptr<Catalog>& catalog, std::shared_ptr<const PairDevice> device)
      : ranker(catalog, std::move(device)), requests(ranker.encoder()) {}
  Ranker ranker;
  RequestReader requests;
};

// What a Query points to.
struct Arguments {
  Request request;
  std::optional<ChunkedColumn> candidates;
  std::optional<ChunkedColumn> exclude;
  std::optional<ColumnSet> pair;

  Query query(int64_t k, bool skip_missing, const Expression::Pointer& where, int64_t retrieve = 0) const {
    return {.request = &request,
            .candidates = candidates ? &*candidates : nullptr,
            .options = {.k = k,
                        .skip_missing = skip_missing,
                        .pair = pair ? &*pair : nullptr,
                        .exclude = exclude ? &*exclude : nullptr,
                        .where = where,
                        .retrieve = retrieve}};
  }
};

py::tuple rank(const BoundRanker& self, const py::object& request, const py::object& candidates,
               const py::object& items, int64_t k, const py::object& exclude, const py::object& pair, bool skip_missing,
               int64_t threads, const Expression::Pointer& where, int64_t retrieve) {
  Pins pins;
  const Arguments arguments{.request = self.requests.read(request, pins),
                            .candidates = read_ids(candidates, "candidates"),
                            .exclude = read_ids(exclude, "exclude"),
                            .pair = read_table(pair, "pair")};
  const std::optional<ColumnSet> fresh = read_table(items, "items");
  RankResult result;
  {
    const py::gil_scoped_release free;
    result = self.ranker.rank(fresh ? self.ranker.fresh(*fresh, {.filtered = where != nullptr}) : self.ranker.current(),
                              arguments.query(k, skip_missing, where, retrieve), threads);
  }
  return top_k_of_one(rows_of(result), result.snapshot->version);
}

py::tuple rank_batch(const BoundRanker& self, const py::sequence& requests, const py::object& candidates,
                     const py::object& items, int64_t k, const py::object& exclude, const py::object& pair,
                     bool skip_missing, int64_t threads, const Expression::Pointer& where) {
  const size_t count = requests.size();
  Pins pins;
  std::vector<Arguments> arguments;
  arguments.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    arguments.push_back({.request = self.requests.read(py::object(requests[i]), pins)});
  }
  const auto ids = [&](const char* what) { return [what](const py::object& given) { return read_ids(given, what); }; };
  auto wanted = per_query(candidates, count, "candidates", "request", is_per_query(candidates), ids("candidates"));
  auto excluded = per_query(exclude, count, "exclude", "request", is_per_query(exclude), ids("exclude"));
  auto pairs = per_query(pair, count, "pair", "request", PyList_Check(pair.ptr()) || PyTuple_Check(pair.ptr()),
                         [](const py::object& given) { return read_table(given, "pair"); });
  const std::optional<ColumnSet> fresh = read_table(items, "items");
  std::vector<RankResult> results;
  int64_t version = 0;
  bool strings = false;
  {
    const py::gil_scoped_release free;
    const std::shared_ptr<const Snapshot> snapshot =
        fresh ? self.ranker.fresh(*fresh, {.filtered = where != nullptr, .once = count == 1}) : self.ranker.current();
    std::vector<Query> queries;
    queries.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      arguments[i].candidates = std::move(wanted[i]);
      arguments[i].exclude = std::move(excluded[i]);
      arguments[i].pair = std::move(pairs[i]);
      queries.push_back(arguments[i].query(k, skip_missing, where));
    }
    results = self.ranker.rank_batch(snapshot, queries, threads);
    version = snapshot->version;
    strings = snapshot->ids.type() == IdType::kString;
  }
  std::vector<RankedRows<VersionIds>> ranked;
  for (const RankResult& result : results) ranked.push_back(rows_of(result));
  return top_k_of_many<VersionIds>(ranked, version, strings);
}

}  // namespace

void register_catalog(py::module_& m) {
  py::class_<Catalog, std::shared_ptr<Catalog>>(m, "Catalog", "The items of a shop with their precomputed item side.")
      .def(py::init([](const std::shared_ptr<cpu::Executor>& executor, const py::object& items,
                       const std::string& dtype, std::optional<std::vector<std::string>> attributes) {
             const RowFormat format = parse_row_format(dtype);
             const ColumnSet columns = table_from_python(items, "items", &check_rows);
             const py::gil_scoped_release free;
             return std::make_shared<Catalog>(executor, columns, format, std::move(attributes));
           }),
           py::arg("executor"), py::arg("items"), py::arg("dtype") = "f32", py::arg("attributes") = py::none())
      .def(
          "upsert",
          [](Catalog& self, const py::object& items) {
            const ColumnSet columns = table_from_python(items, "items", &check_rows);
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
            const ColumnSet columns = table_from_python(items, "items", &check_rows);
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
        return ids_of(rows_of(all));
      });
  m.def("check_cuda", &check_cuda);
  py::class_<BoundRanker>(m, "Ranker", "Ranks candidates of a catalogue, or fresh items, or the whole catalogue.")
      .def(py::init([](const std::shared_ptr<Catalog>& catalog, bool cuda, const py::object& engine,
                       const std::vector<EngineInputText>& inputs) {
             std::shared_ptr<const PairDevice> device;
             if (cuda) {
               std::shared_ptr<const PairEngine> network;
               if (!engine.is_none()) network = pair_engine_from_python(engine, catalog->executor().program(), inputs);
               const py::gil_scoped_release free;
               device = cuda_pairs(*catalog, std::move(network));
             }
             return std::make_unique<BoundRanker>(catalog, std::move(device));
           }),
           py::arg("catalog"), py::arg("cuda") = false, py::arg("engine") = py::none(),
           py::arg("inputs") = std::vector<EngineInputText>())
      .def_property_readonly("most_rows",
                             [](const BoundRanker& self) -> std::optional<int64_t> {
                               if (self.ranker.device() == nullptr) return std::nullopt;
                               return self.ranker.device()->most_rows();
                             })
      .def_property_readonly("graph_launches",
                             [](const BoundRanker& self) {
                               return self.ranker.device() != nullptr ? self.ranker.device()->graph_launches() : 0;
                             })
      .def("rank", &rank, py::arg("request"), py::arg("candidates"), py::arg("items"), py::arg("k"), py::arg("exclude"),
           py::arg("pair"), py::arg("skip_missing"), py::arg("threads") = 1, py::arg("where") = py::none(),
           py::arg("retrieve") = 0)
      .def("rank_batch", &rank_batch, py::arg("requests"), py::arg("candidates"), py::arg("items"), py::arg("k"),
           py::arg("exclude"), py::arg("pair"), py::arg("skip_missing"), py::arg("threads"),
           py::arg("where") = py::none());
}

}  // namespace recfast::python
