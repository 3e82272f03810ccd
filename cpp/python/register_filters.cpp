// Expressions over attributes, and the attributes that they are evaluated on.

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <cmath>
#include <limits>
#include <optional>

#include "base/error.h"
#include "filters/attributes.h"
#include "filters/filter_cache.h"
#include "python/columns.h"
#include "python/register.h"
#include "python/times.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

// The versions of one catalogue share a cache.
struct BoundAttributes {
  Attributes attributes;
  std::shared_ptr<FilterCache> cache = std::make_shared<FilterCache>();
};

// An integer beyond int64. Outside of +-2^100 any integer of that sign is as good.
Number number_of(const py::object& integer, bool negative) {
  const unsigned long long bits = PyLong_AsUnsignedLongLong(integer.ptr());
  const bool fits = !PyErr_Occurred();
  PyErr_Clear();
  if (fits) return Number::of(Int128{bits});
  constexpr double kLargest = std::numeric_limits<double>::max();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Int128 far = negative ? -(Int128{1} << 100) : Int128{1} << 100;
  const double nearest = PyLong_AsDouble(integer.ptr());
  if (PyErr_Occurred()) {  // beyond float64
    PyErr_Clear();
    return {far, far, negative ? -kInfinity : kLargest, negative ? -kLargest : kInfinity};
  }
  const auto back = py::reinterpret_steal<py::object>(PyLong_FromDouble(nearest));
  return {far, far, back > integer ? std::nextafter(nearest, -kInfinity) : nearest,
          back < integer ? std::nextafter(nearest, kInfinity) : nearest};
}

[[noreturn]] void refuse_value(const std::string& column, const std::string& why) {
  throw ValueError("attribute '" + column + "': " + why + " compares with nothing; use is_null()");
}

Value value_of(py::handle object, const std::string& column) {
  PyObject* raw = object.ptr();
  Value value{.is = Number(), .type = Py_TYPE(raw)->tp_name, .text = {}};
  if (is_time(raw)) {
    if (is_not_a_time(raw)) refuse_value(column, "NaT");
    const TimePoint time = time_of(object);
    value.is = time;
    const py::object shown = py::module_::import("numpy").attr("datetime64")(time.ticks, word_for(time.unit));
    value.text = "datetime64('" + py::str(shown).cast<std::string>() + (time.zoned ? "Z', '" : "', '") +
                 word_for(time.unit) + "')";
    return value;
  }
  if (PyUnicode_Check(raw)) {
    const std::string text = text_of(object, "attribute '" + column + "': the value");
    value.text = quoted(text);
    value.is = text;
    return value;
  }
  if (object.is_none() || value.type == "NAType")
    throw TypeError("attribute '" + column + "': " + (object.is_none() ? "None" : "NA") +
                    " compares with nothing; use is_null()");
  if (value.type.starts_with("pyarrow.") && py::hasattr(object, "as_py"))
    return value_of(object.attr("as_py")(), column);
  const bool flag = PyBool_Check(raw) || value.type == "numpy.bool" || value.type == "numpy.bool_";
  if (flag) {
    const bool truth = PyObject_IsTrue(raw) == 1;
    value.is = Number::of(Int128{truth});
    value.text = truth ? "True" : "False";
    return value;
  }
  const bool scalar = !py::hasattr(object, "__len__") && !py::hasattr(object, "ndim");
  const bool of_numpy = value.type.starts_with("numpy.") && value.type != "numpy.ndarray";
  if ((scalar || of_numpy) && PyIndex_Check(raw)) {
    const auto integer = py::reinterpret_steal<py::object>(PyNumber_Index(raw));
    if (!integer) throw py::error_already_set();
    int overflow = 0;
    const long long small = PyLong_AsLongLongAndOverflow(integer.ptr(), &overflow);
    value.is = overflow == 0 ? Number::of(Int128{small}) : number_of(integer, overflow < 0);
    value.text = py::str(integer).cast<std::string>();
    return value;
  }
  if (PyFloat_Check(raw) || value.type == "numpy.float16" || value.type == "numpy.float32") {
    const py::float_ number(py::reinterpret_steal<py::object>(PyNumber_Float(raw)));
    if (std::isnan(number.cast<double>())) refuse_value(column, "NaN");
    value.is = Number::of(number.cast<double>());
    value.text = py::repr(number).cast<std::string>();
    return value;
  }
  throw TypeError("attribute '" + column + "': expected a number, a str, or a point in time to compare with, got " +
                  value.type);
}

Expression::Kind kind_of(const std::string& word) {
  for (int kind = 0; kind <= static_cast<int>(Expression::Kind::kIsNull); ++kind) {
    if (word == word_for(static_cast<Expression::Kind>(kind))) return static_cast<Expression::Kind>(kind);
  }
  throw ValueError("there is no test '" + word + "'");
}

Expression::Pointer test(const std::string& column, const std::string& word, const py::tuple& values) {
  const Expression::Kind kind = kind_of(word);
  const size_t wanted = kind == Expression::Kind::kBetween ? 2 : kind == Expression::Kind::kIsNull ? 0 : 1;
  if (kind != Expression::Kind::kIsIn && values.size() != wanted)
    throw ValueError(word + " takes " + std::to_string(wanted) + " values, got " + std::to_string(values.size()));
  std::vector<Value> read;
  read.reserve(values.size());
  for (py::handle value : values) read.push_back(value_of(value, column));
  return Expression::test(kind, column, std::move(read));
}

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
      .def(
          py::init([](const py::str& column, const std::string& word, const py::tuple& values) {
            return std::const_pointer_cast<Expression>(test(text_of(column, "the name of an attribute"), word, values));
          }),
          py::arg("column"), py::arg("word"), py::arg("values"))
      .def("all", &Expression::all, py::arg("other"))
      .def("any", &Expression::any, py::arg("other"))
      .def("negation", &Expression::negation)
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
