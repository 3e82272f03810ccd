#include "python/times.h"

#include <datetime.h>

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "python/columns.h"
#include "python/owned_column.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

constexpr int64_t kNotATime = std::numeric_limits<int64_t>::min();
constexpr int64_t kDaySeconds = 86'400;

bool is_datetime64(PyObject* object) {
  return std::string_view(Py_TYPE(object)->tp_name) == "numpy.datetime64";
}

bool is_pandas_nat(PyObject* object) {
  return std::string_view(Py_TYPE(object)->tp_name) == "NaTType";
}

// The unit of TimeUnit that holds every value of a datetime64 exactly; false for those below a nanosecond.
bool unit_of(const py::dtype& dtype, TimeUnit& unit) {
  const py::tuple data = py::module_::import("numpy").attr("datetime_data")(dtype);
  const auto name = data[0].cast<std::string>();
  static constexpr std::pair<std::string_view, TimeUnit> kUnits[] = {
      {"Y", TimeUnit::kDay},    {"M", TimeUnit::kDay},    {"W", TimeUnit::kDay},          {"D", TimeUnit::kDay},
      {"h", TimeUnit::kSecond}, {"m", TimeUnit::kSecond}, {"s", TimeUnit::kSecond},       {"ms", TimeUnit::kMilli},
      {"us", TimeUnit::kMicro}, {"ns", TimeUnit::kNano},  {"generic", TimeUnit::kSecond},
  };
  for (const auto& [word, found] : kUnits) {
    if (name == word) {
      unit = found;
      return true;
    }
  }
  return false;
}

// datetime64 [N] -> int64 [N] of ticks.
py::array_t<int64_t> ticks_of(const py::array& times, TimeUnit unit) {
  const py::object same = times.attr("astype")(std::string("datetime64[") + word_for(unit) + "]");
  return py::array_t<int64_t, py::array::c_style | py::array::forcecast>(same.attr("astype")("int64"));
}

// Days since 1970 of a date of the Gregorian calendar. Source: H. Hinnant, "chrono-compatible low-level date
// algorithms", days_from_civil.
int64_t days_of(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t of_era = year - era * 400;
  const int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

int64_t days_of(PyObject* date) {
  return days_of(PyDateTime_GET_YEAR(date), PyDateTime_GET_MONTH(date), PyDateTime_GET_DAY(date));
}

TimePoint time_of_datetime(py::handle object) {
  PyObject* at = object.ptr();
  int64_t micros = (days_of(at) * kDaySeconds + PyDateTime_DATE_GET_HOUR(at) * 3600 +
                    PyDateTime_DATE_GET_MINUTE(at) * 60 + PyDateTime_DATE_GET_SECOND(at)) *
                       1'000'000 +
                   PyDateTime_DATE_GET_MICROSECOND(at);
  const py::object offset = object.attr("utcoffset")();
  const bool zoned = PyDelta_Check(offset.ptr());
  if (zoned) {
    micros -= (PyDateTime_DELTA_GET_DAYS(offset.ptr()) * kDaySeconds + PyDateTime_DELTA_GET_SECONDS(offset.ptr())) *
                  1'000'000 +
              PyDateTime_DELTA_GET_MICROSECONDS(offset.ptr());
  }
  if (py::hasattr(object, "nanosecond")) {  // a pandas.Timestamp: those with nanoseconds fit int64
    const auto nanos = object.attr("nanosecond").cast<int64_t>();
    if (nanos != 0) return {micros * 1000 + nanos, TimeUnit::kNano, zoned};
  }
  return {micros, TimeUnit::kMicro, zoned};
}

}  // namespace

void prepare_times() {
  PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw py::error_already_set();
}

bool is_time(PyObject* object) {
  return PyDate_Check(object) || is_datetime64(object) || is_pandas_nat(object);
}

bool is_not_a_time(PyObject* object) {
  if (is_pandas_nat(object)) return true;
  return is_datetime64(object) && py::module_::import("numpy").attr("isnat")(py::handle(object)).cast<bool>();
}

TimePoint time_of(py::handle object) {
  if (PyDateTime_Check(object.ptr())) return time_of_datetime(object);
  if (PyDate_Check(object.ptr())) return {days_of(object.ptr()), TimeUnit::kDay, false};
  TimePoint time;
  const py::array array = py::module_::import("numpy").attr("asarray")(object);
  if (!unit_of(array.dtype(), time.unit)) {
    throw TypeError("expected a point in time in nanoseconds or coarser, got " +
                    py::str(array.dtype()).cast<std::string>());
  }
  time.ticks = *ticks_of(array.attr("reshape")(1), time.unit).data();
  return time;
}

Column column_of_times(const py::array& times) {
  Column column;
  column.type = ColumnType::kOther;
  column.length = times.shape(0);
  column.described = "numpy " + py::str(times.dtype()).cast<std::string>();
  if (!unit_of(times.dtype(), column.unit)) return column;
  column.type = ColumnType::kTimestamp;
  const py::array_t<int64_t> ticks = ticks_of(times, column.unit);
  const auto rows = static_cast<size_t>(column.length);
  auto owned = std::make_shared<Owned<int64_t>>(rows, py::tuple());
  owned->values.assign(ticks.data(), ticks.data() + rows);
  for (size_t i = 0; i < rows; ++i) {
    if (owned->values[i] == kNotATime) owned->nulls.set(i);
  }
  finish(column, std::move(owned));
  return column;
}

Column column_of_times(const py::tuple& values, const std::string& name) {
  const size_t rows = values.size();
  Column column;
  auto owned = std::make_shared<Owned<int64_t>>(rows, py::tuple());
  owned->values.resize(rows);
  std::vector<TimePoint> times(rows);
  size_t zoned = 0;
  size_t present = 0;
  for (size_t i = 0; i < rows; ++i) {
    PyObject* object = PyTuple_GET_ITEM(values.ptr(), static_cast<Py_ssize_t>(i));
    if (!is_time(object) || is_not_a_time(object)) {
      owned->nulls.set(i);
      continue;
    }
    if (present++ == 0) column.described = std::string("Python objects of type ") + Py_TYPE(object)->tp_name;
    times[i] = time_of(object);
    zoned += times[i].zoned;
    column.unit = std::max(column.unit, times[i].unit);
  }
  column.zoned = zoned > 0;
  if (zoned > 0 && zoned < present) {
    column.type = ColumnType::kOther;
    column.described = "points in time of which only some have a time zone";
    return column;
  }
  column.type = ColumnType::kTimestamp;
  for (size_t i = 0; i < rows; ++i) {
    if (!convert_ticks(times[i].ticks, times[i].unit, column.unit, owned->values[i]))
      throw ValueError("column '" + name + "': row " + std::to_string(i) + " holds a time that leaves int64 in " +
                       word_for(column.unit));
  }
  finish(column, std::move(owned));
  return column;
}

}  // namespace recfast::python
