#include "python/named_parts.h"

#include <algorithm>

#include "base/error.h"

namespace recfast::python {
namespace {

split::PartOf parse_part(const std::string& part) {
  if (part == "value") return split::PartOf::kValue;
  if (part == "product") return split::PartOf::kProduct;
  if (part == "sum") return split::PartOf::kSum;
  if (part == "term") return split::PartOf::kTerm;
  if (part == "dots") return split::PartOf::kDots;
  throw ValueError("unknown part '" + part + "'; the parts are value, product, sum, term and dots");
}

}  // namespace

Side parse_side(const std::string& side) {
  if (side == "request") return Side::kRequest;
  if (side == "item") return Side::kItem;
  if (side == "pair") return Side::kPair;
  throw ValueError("unknown side '" + side + "'; the sides are request, item and pair");
}

std::vector<split::NamedPart> named_parts(const Program& program, const std::vector<PartText>& parts) {
  std::vector<split::NamedPart> named;
  const std::vector<Slot>& slots = program.slots();
  for (const auto& [name, part, side, width] : parts) {
    const auto found =
        std::find_if(slots.begin(), slots.end(), [&name = name](const Slot& slot) { return slot.name == name; });
    if (found == slots.end()) throw ValueError("the program has no slot '" + name + "'");
    named.push_back({.slot = found - slots.begin(),
                     .part = parse_part(part),
                     .side = side == "row" ? found->side : parse_side(side),
                     .width = width});
  }
  return named;
}

}  // namespace recfast::python
