#pragma once
// NamedPart: a value that is known on a side, by the op that it belongs to. A network that runs beside this plan, such
// as a TensorRT engine of the pair stage, names what it reads; numbers of columns would change with the layout.

#include <cstdint>

#include "program/side.h"

namespace recfast::split {

// kValue: what the slot holds. Of an op that is split by sides, on one side: kProduct: weight x of its inputs (the bias
// is in the request's, else in the item's); kSum: the sum of its inputs; kTerm: the fm of its inputs; kDots: the dot
// products of its vectors.
enum class PartOf : uint8_t { kValue, kProduct, kSum, kTerm, kDots };

struct NamedPart {
  int64_t slot = 0;
  PartOf part = PartOf::kValue;
  Side side = Side::kItem;  // a slot's value is on its own side
  int64_t width = 0;
  bool operator==(const NamedPart&) const = default;
};

}  // namespace recfast::split
