#pragma once
// A PairEngine that Python runs: takes the GIL for each call.

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "program/program.h"
#include "python/named_parts.h"
#include "split/pair_engine.h"

namespace recfast::python {

// Name, side, and slot, part and width of each of its parts.
using EngineInputText =
    std::tuple<std::string, std::string, std::vector<std::tuple<std::string, std::string, int64_t>>>;

// engine: recfast.engines.Engine, or what has its `batch` and `context()`, whose result has `bind`, `enqueue` and
// `capturable`. inputs: what it reads. What these raise becomes a DeviceError. Throws ValueError for parts that the
// program does not have. Needs the GIL.
std::shared_ptr<const PairEngine> pair_engine_from_python(pybind11::object engine, const Program& program,
                                                          const std::vector<EngineInputText>& inputs);

}  // namespace recfast::python
