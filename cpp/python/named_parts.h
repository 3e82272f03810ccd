#pragma once
// Named parts of a program, as Python gives them.

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "program/program.h"
#include "split/named_part.h"

namespace recfast::python {

// Slot, part, side, width; "row" stands for the slot's own side.
using PartText = std::tuple<std::string, std::string, std::string, int64_t>;

// Throws ValueError naming the slot, part or side that there is not.
std::vector<split::NamedPart> named_parts(const Program& program, const std::vector<PartText>& parts);

Side parse_side(const std::string& side);

}  // namespace recfast::python
