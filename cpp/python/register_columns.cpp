// Columns: a converted table, and what fitting asks of it.

#include <pybind11/stl.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/error.h"
#include "features/match.h"
#include "features/numeric.h"
#include "features/row_mapping.h"
#include "python/columns.h"
#include "python/register.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

py::array_t<double> to_array(std::vector<double> values) {
  auto* held = new std::vector<double>(std::move(values));
  const py::capsule owner(held, [](void* p) { delete static_cast<std::vector<double>*>(p); });
  return py::array_t<double>(static_cast<py::ssize_t>(held->size()), held->data(), owner);
}

// The `count` most frequent values: by count descending, then by value (bytes or number) ascending.
template <class Value, class Read>
std::vector<Value> most_frequent(const ChunkedColumn& column, int64_t count, Read&& read) {
  std::unordered_map<Value, int64_t> counts;
  for (const Column& chunk : column.chunks) {
    if (chunk.type == ColumnType::kDictionary) {
      std::vector<int64_t> by_entry(static_cast<size_t>(chunk.children[0].length));
      for (int64_t row = 0; row < chunk.length; ++row) {
        if (!chunk.is_null(row)) ++by_entry[static_cast<size_t>(chunk.index_at(row))];
      }
      for (size_t entry = 0; entry < by_entry.size(); ++entry) {
        const auto at = static_cast<int64_t>(entry);
        if (by_entry[entry] > 0 && !chunk.children[0].is_null(at))
          counts[read(chunk.children[0], at)] += by_entry[entry];
      }
    } else {
      for (int64_t row = 0; row < chunk.length; ++row) {
        if (!chunk.is_null(row)) ++counts[read(chunk, row)];
      }
    }
  }
  std::vector<std::pair<Value, int64_t>> order(counts.begin(), counts.end());
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::vector<Value> out;
  for (size_t i = 0; i < std::min(order.size(), static_cast<size_t>(count)); ++i) out.push_back(order[i].first);
  return out;
}

py::tuple most_frequent_values(const Columns& self, const std::string& column, const std::string& feature,
                               const std::string& type, int64_t count) {
  const ChunkedColumn& values = self.set.get(column, feature);
  const RowMapping mapping({.table = feature, .type = type == "string" ? ValueType::kString : ValueType::kInt});
  for (const Column& chunk : values.chunks) mapping.check_type(values_of(chunk), feature);
  if (type == "string") {
    return py::tuple(py::cast(most_frequent<std::string>(
        values, count, [](const Column& c, int64_t row) { return std::string(c.string_at(row)); })));
  }
  return py::tuple(
      py::cast(most_frequent<int64_t>(values, count, [](const Column& c, int64_t row) { return c.integer_at(row); })));
}

}  // namespace

void register_columns(py::module_& m) {
  py::class_<Columns>(m, "Columns", "A table of raw columns, converted once.")
      .def(py::init([](const py::object& rows) { return Columns{table_from_python(rows, "rows")}; }), py::arg("rows"))
      .def_property_readonly("names", [](const Columns& self) { return self.set.names(); })
      .def("__len__", [](const Columns& self) { return self.set.rows(); })
      .def(
          "slice", [](const Columns& self, int64_t begin, int64_t end) { return Columns{self.set.slice(begin, end)}; },
          py::arg("begin"), py::arg("end"))
      .def(
          "numbers",
          [](const Columns& self, const std::string& column, const std::string& feature) {
            std::vector<double> values;
            {
              const py::gil_scoped_release free;
              values = read_numbers(self.set.get(column, feature), feature);
            }
            return to_array(std::move(values));
          },
          py::arg("column"), py::arg("feature"), "A column as float64 [N], NaN where missing.")
      .def(
          "matched",
          [](const Columns& self, const std::string& feature, const std::string& map, const std::string& key) {
            std::vector<double> values;
            {
              const py::gil_scoped_release free;
              values = MatchFeature(feature, Side::kPair, {map, key}, NumericOutput({}, false)).values(self.set);
            }
            return to_array(std::move(values));
          },
          py::arg("feature"), py::arg("map"), py::arg("key"), "Values of a Match before its transforms, float64 [N].")
      .def("most_frequent", &most_frequent_values, py::arg("column"), py::arg("feature"), py::arg("type"),
           py::arg("count"), "The most frequent values; ties in ascending order.");
  m.def(
      "apply_transform",
      [](const py::array_t<double, py::array::c_style>& x, const std::string& name,
         const std::vector<double>& parameters) {
        const std::vector<TransformStep> steps{make_transform(name, parameters)};
        std::vector<double> out(x.data(), x.data() + x.size());
        for (double& value : out) value = apply(steps, value);
        return to_array(std::move(out));
      },
      py::arg("x"), py::arg("name"), py::arg("parameters"), "A numeric transform of float64 [N].");
}

}  // namespace recfast::python
