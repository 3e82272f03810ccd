#pragma once
// Filters from Python's values, and their state: plain Python objects, which can be pickled. All of it needs the GIL.

#include <pybind11/pybind11.h>

#include <string>

#include "filters/expression.h"

namespace recfast::python {

// A test of one attribute. word: as word_for() says. Throws TypeError or ValueError for a value that compares with
// nothing, ValueError for an unknown word or another number of values than it takes.
Expression::Pointer expression_of(const std::string& column, const std::string& word, const pybind11::tuple& values);

// Flat, however deep the filter is nested.
pybind11::tuple state_of(const Expression& expression);
// The same filter: of the same text. Throws ValueError, or what pybind11 throws, where it is no state.
Expression::Pointer expression_of_state(const pybind11::tuple& state);

}  // namespace recfast::python
