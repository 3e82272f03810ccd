// Expressions over attributes, and the attributes that they are evaluated on.

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <optional>

#include "filters/attributes.h"
#include "filters/filter_cache.h"
#include "python/columns.h"
#include "python/expressions.h"
#include "python/register.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

// The versions of one catalogue share a cache.
struct BoundAttributes {
  Attributes attributes;
  std::shared_ptr<FilterCache> cache = std::make_shared<FilterCache>();
};

std::shared_ptr<const Eligible> evaluate(const BoundAttributes& self, const Expression::Pointer& expression) {
  const py::gil_scoped_release free;
  return self.cache->get(expression, self.attributes);
}

py::array_t<bool> mask_of(const BoundAttributes& self, const Expression::Pointer& expression) {
  const std::shared_ptr<const Eligible> eligible = evaluate(self, expression);
  py::array_t<bool> out(self.attributes.rows());
  bool* data = out.mutable_data();
  for (int64_t row = 0; row < self.attributes.rows(); ++row) {
    const uint64_t word = eligible->words(row / kBlockRows)[row % kBlockRows / 64];
    data[row] = (word >> (row % 64) & 1) != 0;
  }
  return out;
}

std::vector<int64_t> rows_of(const py::array_t<int64_t, py::array::c_style>& rows) {
  return {rows.data(), rows.data() + rows.size()};
}

}  // namespace

void register_filters(py::module_& m) {
  py::class_<Expression, std::shared_ptr<Expression>>(m, "Expression", "A test of attributes, or several joined.")
      .def(py::init([](const py::str& column, const std::string& word, const py::tuple& values) {
             return std::const_pointer_cast<Expression>(
                 expression_of(text_of(column, "the name of an attribute"), word, values));
           }),
           py::arg("column"), py::arg("word"), py::arg("values"))
      .def("all", &Expression::all, py::arg("other"))
      .def("any", &Expression::any, py::arg("other"))
      .def("negation", &Expression::negation)
      .def_property_readonly("state", &state_of, "All of it as plain Python objects, for of_state.")
      .def_static(
          "of_state",
          [](const py::tuple& state) { return std::const_pointer_cast<Expression>(expression_of_state(state)); },
          py::arg("state"))
      .def_property_readonly("text", [](const Expression& self) {
        const std::string& text = self.text();
        return py::reinterpret_steal<py::object>(
            PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
      });
  py::class_<BoundAttributes>(m, "Attributes", "One version of the attributes of items, for filters.")
      .def(py::init([](const py::object& table, const std::optional<std::vector<std::string>>& names) {
             const ColumnSet columns = table_from_python(table, "attributes");
             const py::gil_scoped_release free;
             return BoundAttributes{Attributes::from_columns(columns, names)};
           }),
           py::arg("table"), py::arg("names") = py::none())
      .def("evaluate", &mask_of, py::arg("expression"), "The eligible rows, bool [N].")
      .def(
          "summary",
          [](const BoundAttributes& self, const Expression::Pointer& expression) {
            const std::shared_ptr<const Eligible> eligible = evaluate(self, expression);
            py::array_t<int64_t> counts(eligible->blocks());
            for (int64_t b = 0; b < eligible->blocks(); ++b) counts.mutable_at(b) = eligible->count(b);
            return py::make_tuple(eligible->rows(), counts, eligible->evaluated());
          },
          py::arg("expression"), "Eligible rows, those of each block, and blocks evaluated for this version.")
      .def(
          "with_rows",
          [](const BoundAttributes& self, const py::array_t<int64_t, py::array::c_style>& rows,
             const py::object& table) {
            const ColumnSet columns = table_from_python(table, "attributes");
            const std::vector<int64_t> places = rows_of(rows);
            const py::gil_scoped_release free;
            return BoundAttributes{self.attributes.with_rows(places, columns), self.cache};
          },
          py::arg("rows"), py::arg("table"), "The next version, with row i of the table at rows[i].")
      .def(
          "selected",
          [](const BoundAttributes& self, const py::array_t<int64_t, py::array::c_style>& rows) {
            const std::vector<int64_t> places = rows_of(rows);
            const py::gil_scoped_release free;
            return BoundAttributes{self.attributes.selected(places), self.cache};
          },
          py::arg("rows"), "The next version, of the given rows alone.")
      .def("__len__", [](const BoundAttributes& self) { return self.attributes.rows(); })
      .def_property_readonly("types",
                             [](const BoundAttributes& self) {
                               py::dict types;
                               for (const Attribute& attribute : self.attributes.schema().attributes())
                                 types[py::str(attribute.name)] = attribute.described();
                               return types;
                             })
      .def_property_readonly("size_bytes", [](const BoundAttributes& self) { return self.attributes.size_bytes(); });
}

}  // namespace recfast::python
