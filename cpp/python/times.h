#pragma once
// Points in time: datetime, date, numpy.datetime64, pandas.Timestamp. All of it needs the GIL.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>

#include "base/time_unit.h"
#include "features/column.h"

namespace recfast::python {

// Asks for CPython's datetime: once, before anything else here.
void prepare_times();

bool is_time(PyObject* object);
// NaT.
bool is_not_a_time(PyObject* object);
// A point in time that is none of the above. Exact: the finest unit that the object has. Throws ValueError when int64
// cannot hold it, TypeError for units below a nanosecond.
TimePoint time_of(pybind11::handle object);

// datetime64 [N], NaT is null. Type kOther for units below a nanosecond.
Column column_of_times(const pybind11::array& times);
// Points in time and nulls, in the finest unit among them; type kOther when only some have a time zone.
Column column_of_times(const pybind11::tuple& values, const std::string& name);

}  // namespace recfast::python
