// _core.Retriever: arrays and ids in, the fields of TopK out. python/recfast/retriever.py checks dtypes and shapes.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "catalog/item_ids.h"
#include "python/columns.h"
#include "python/id_arguments.h"
#include "python/register.h"
#include "python/top_k_arrays.h"
#include "ranking/retriever.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

using Vectors = py::array_t<float>;
using Queries = py::array_t<float, py::array::c_style>;

// vectors: f32 [N, D], the numbers of a row beside each other; rows may lie apart.
std::unique_ptr<Retriever> make(const Vectors& vectors, const py::object& ids, const std::string& dtype,
                                const std::string& metric, const std::optional<Queries>& bias,
                                const py::object& attributes, bool cuda) {
  const VectorSpace space{
      .format = parse_vector_format(dtype), .metric = parse_metric(metric), .dim = vectors.shape(1)};
  // Before anything is made of them.
  const int64_t count = vectors.shape(0);
  if (const std::optional<int64_t> length = length_of(ids)) check_one_per_vector(kOneId, *length, count);
  const RowCheck one_row = [count](const std::string&, int64_t rows) { check_one_per_vector(kOneRow, rows, count); };
  const std::optional<ChunkedColumn> given = read_ids(ids, "ids");
  const std::optional<ColumnSet> table =
      attributes.is_none() ? std::nullopt : std::optional(table_from_python(attributes, "attributes", one_row));
  const VectorRows rows{.data = vectors.data(),
                        .stride = vectors.strides(0) / static_cast<int64_t>(sizeof(float)),
                        .rows = count,
                        .bias = bias ? bias->data() : nullptr,
                        .owner = keep_alive(vectors)};
  const py::gil_scoped_release free;
  if (table) check_one_per_vector(kOneRow, table->rows(), rows.rows);
  VectorIndex index(space, make_vector_blocks(space, rows));
  auto device = cuda ? cuda_vectors(index) : nullptr;
  return std::make_unique<Retriever>(
      given ? RowIds(ItemIds::from_column(*given, "ids")) : RowIds(rows.rows), std::move(index),
      table ? std::optional(Attributes::from_columns(*table, std::nullopt)) : std::nullopt, std::move(device));
}

RankedRows<RowIds> rows_of(const Retriever& retriever, const RetrieverResult& result) {
  return {.ids = &retriever.ids(),
          .best = result.best,
          .rescored = result.rescored,
          .skipped = result.skipped,
          .ignored = result.ignored};
}

py::tuple search(const Retriever& self, const Queries& queries, bool batch, int64_t k, const py::object& exclude,
                 const py::object& candidates, bool skip_missing, int64_t threads, const Expression::Pointer& where) {
  const auto count = static_cast<size_t>(queries.shape(0));
  const auto read = [&](const py::object& given, const char* what) {
    return per_query(given, batch && is_per_query(given) ? count : 1, what, "query", batch && is_per_query(given),
                     [what](const py::object& one) { return read_ids(one, what); });
  };
  const auto excluded = read(exclude, "exclude");
  const auto wanted = read(candidates, "candidates");
  // The q-th of them, or the only one.
  const auto of = [count](const std::vector<std::optional<ChunkedColumn>>& columns, size_t q, bool listed) {
    const auto& column = columns[listed && count == columns.size() ? q : 0];
    return column ? &*column : nullptr;
  };
  std::vector<RetrieverQuery> all;
  for (size_t q = 0; q < count; ++q) {
    all.push_back({.vector = queries.data() + static_cast<py::ssize_t>(q) * queries.shape(1),
                   .exclude = of(excluded, q, batch && is_per_query(exclude)),
                   .candidates = of(wanted, q, batch && is_per_query(candidates))});
  }
  std::vector<RetrieverResult> results;
  {
    const py::gil_scoped_release free;
    results = self.search(all, {.k = k, .skip_missing = skip_missing, .threads = threads, .where = where});
  }
  if (!batch) return top_k_of_one(rows_of(self, results.front()), 0);
  std::vector<RankedRows<RowIds>> ranked;
  for (const RetrieverResult& result : results) ranked.push_back(rows_of(self, result));
  return top_k_of_many<RowIds>(ranked, 0, self.ids().type() == IdType::kString);
}

// id: a list that holds one.
py::tuple similar(const Retriever& self, const py::list& id, int64_t k, const py::object& exclude,
                  const py::object& candidates, bool skip_missing, int64_t threads, const Expression::Pointer& where) {
  const ChunkedColumn column = column_from_python(id, "id");
  const Column& ids = column.chunks.front();
  self.ids().check_type(ids, "id");
  const int64_t row = ids.is_null(0) ? -1 : self.ids().find(ids, 0);
  if (row < 0) throw KeyError("the id " + ItemIds::text(ids, 0) + " is not there");
  const std::optional<ChunkedColumn> excluded = read_ids(exclude, "exclude");
  const std::optional<ChunkedColumn> wanted = read_ids(candidates, "candidates");
  RetrieverResult result;
  {
    const py::gil_scoped_release free;
    result = self.similar(row, {.exclude = excluded ? &*excluded : nullptr, .candidates = wanted ? &*wanted : nullptr},
                          {.k = k, .skip_missing = skip_missing, .threads = threads, .where = where});
  }
  return top_k_of_one(rows_of(self, result), 0);
}

}  // namespace

void register_retriever(py::module_& m) {
  py::class_<Retriever>(m, "Retriever", "Vectors with ids, and the exact best of them for queries.")
      .def(py::init(&make), py::arg("vectors").noconvert(), py::arg("ids"), py::arg("dtype"), py::arg("metric"),
           py::arg("bias").noconvert(), py::arg("attributes"), py::arg("cuda"))
      .def("search", &search, py::arg("queries").noconvert(), py::arg("batch"), py::arg("k"), py::arg("exclude"),
           py::arg("candidates"), py::arg("skip_missing"), py::arg("threads"), py::arg("where"))
      .def("similar", &similar, py::arg("id"), py::arg("k"), py::arg("exclude"), py::arg("candidates"),
           py::arg("skip_missing"), py::arg("threads"), py::arg("where"))
      .def("__len__", [](const Retriever& self) { return self.index().rows(); })
      .def_property_readonly("dim", [](const Retriever& self) { return self.index().space().dim; })
      .def_property_readonly("size_bytes", &Retriever::size_bytes);
}

}  // namespace recfast::python
