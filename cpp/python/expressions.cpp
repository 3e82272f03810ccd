#include "python/expressions.h"

#include <pybind11/numpy.h>

#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "base/error.h"
#include "python/columns.h"
#include "python/times.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

using Kind = Expression::Kind;

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

void set_time(Value& value, const TimePoint& time) {
  const py::object shown = py::module_::import("numpy").attr("datetime64")(time.ticks, word_for(time.unit));
  value.is = time;
  value.text = "datetime64('" + py::str(shown).cast<std::string>() + (time.zoned ? "Z', '" : "', '") +
               word_for(time.unit) + "')";
}

Value value_of(py::handle object, const std::string& column) {
  PyObject* raw = object.ptr();
  Value value{.is = Number(), .type = Py_TYPE(raw)->tp_name, .text = {}};
  if (is_time(raw)) {
    if (is_not_a_time(raw)) refuse_value(column, "NaT");
    set_time(value, time_of(object));
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
    // Whatever a class of integers, such as an enum, says of itself.
    const auto digits = py::reinterpret_steal<py::str>(PyLong_Type.tp_repr(integer.ptr()));
    if (!digits) throw py::error_already_set();
    value.text = digits.cast<std::string>();
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

Kind kind_of(const std::string& word) {
  for (int kind = 0; kind <= static_cast<int>(Kind::kIsNull); ++kind) {
    if (word == word_for(static_cast<Kind>(kind))) return static_cast<Kind>(kind);
  }
  throw ValueError("there is no test '" + word + "'");
}

void check_count(Kind kind, size_t values) {
  const size_t wanted = kind == Kind::kBetween ? 2 : kind == Kind::kIsNull ? 0 : 1;
  if (kind == Kind::kIsIn || values == wanted) return;
  throw ValueError(std::string(word_for(kind)) + " takes " + std::to_string(wanted) + " values, got " +
                   std::to_string(values));
}

// (type, str | bool | int | float | (ticks, unit, whether zoned)): a number's text is Python's for it.
py::tuple state_of_value(const Value& value) {
  if (const std::string* text = value.string()) return py::make_tuple(value.type, *text);
  if (const TimePoint* time = value.time())
    return py::make_tuple(value.type, py::make_tuple(time->ticks, static_cast<int>(time->unit), time->zoned));
  if (value.text == "True" || value.text == "False") return py::make_tuple(value.type, py::bool_(value.text == "True"));
  PyObject* number = PyLong_FromString(value.text.c_str(), nullptr, 10);
  if (number == nullptr) {
    PyErr_Clear();
    number = PyFloat_FromString(py::str(value.text).ptr());
  }
  if (number == nullptr) throw py::error_already_set();
  return py::make_tuple(value.type, py::reinterpret_steal<py::object>(number));
}

Value value_of_state(const py::tuple& state, const std::string& column) {
  const py::object is = state[1];
  Value value;
  if (py::isinstance<py::tuple>(is)) {
    const auto time = is.cast<py::tuple>();
    const auto unit = time[1].cast<int>();
    if (unit < 0 || unit > static_cast<int>(TimeUnit::kNano)) throw ValueError("a filter's state has an unknown unit");
    set_time(value, {time[0].cast<int64_t>(), static_cast<TimeUnit>(unit), time[2].cast<bool>()});
  } else {
    value = value_of(is, column);
  }
  value.type = state[0].cast<std::string>();
  return value;
}

// Parts before what joins them: tests as (word, column, values), joins as (word, how many).
void append_state(const Expression& expression, py::list& steps) {
  for (const Expression::Pointer& part : expression.parts()) append_state(*part, steps);
  if (!expression.parts().empty()) {
    steps.append(py::make_tuple(word_for(expression.kind()), expression.parts().size()));
    return;
  }
  py::list values;
  for (const Value& value : expression.values()) values.append(state_of_value(value));
  steps.append(py::make_tuple(word_for(expression.kind()), expression.column(), py::tuple(values)));
}

Expression::Pointer joined(const std::string& word, std::span<const Expression::Pointer> parts) {
  if (word == "~" && parts.size() == 1) return Expression::negation(parts[0]);
  if ((word != "&" && word != "|") || parts.size() < 2) throw ValueError("a filter's state has an unknown join");
  Expression::Pointer out = parts[0];
  for (const Expression::Pointer& part : parts.subspan(1))
    out = word == "&" ? Expression::all(out, part) : Expression::any(out, part);
  return out;
}

}  // namespace

Expression::Pointer expression_of(const std::string& column, const std::string& word, const py::tuple& values) {
  const Kind kind = kind_of(word);
  check_count(kind, values.size());
  std::vector<Value> read;
  read.reserve(values.size());
  for (py::handle value : values) read.push_back(value_of(value, column));
  return Expression::test(kind, column, std::move(read));
}

py::tuple state_of(const Expression& expression) {
  py::list steps;
  append_state(expression, steps);
  return py::tuple(steps);
}

Expression::Pointer expression_of_state(const py::tuple& state) {
  std::vector<Expression::Pointer> stack;
  for (py::handle item : state) {
    const auto step = py::reinterpret_borrow<py::object>(item).cast<py::tuple>();
    const auto word = step[0].cast<std::string>();
    if (step.size() == 2) {
      const auto count = step[1].cast<size_t>();
      if (count > stack.size()) throw ValueError("a filter's state joins more than there is");
      const std::span<const Expression::Pointer> parts(stack.end() - static_cast<std::ptrdiff_t>(count), stack.end());
      Expression::Pointer whole = joined(word, parts);
      stack.resize(stack.size() - count);
      stack.push_back(std::move(whole));
      continue;
    }
    const Kind kind = kind_of(word);
    const auto column = step[1].cast<std::string>();
    std::vector<Value> values;
    for (py::handle value : step[2].cast<py::tuple>())
      values.push_back(value_of_state(value.cast<py::tuple>(), column));
    check_count(kind, values.size());
    stack.push_back(Expression::test(kind, column, std::move(values)));
  }
  if (stack.size() != 1) throw ValueError("a filter's state is not of one filter");
  return stack.front();
}

}  // namespace recfast::python
