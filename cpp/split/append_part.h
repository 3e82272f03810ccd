#pragma once
// append_part: builds a value from parts; what follows its predecessor in one frame becomes one part with it.

#include "split/lowering.h"

namespace recfast::split {

inline void append_part(Value& value, const Part& part) {
  if (!value.empty() && value.back().side == part.side && value.back().offset + value.back().width == part.offset)
    value.back().width += part.width;
  else
    value.push_back(part);
}

}  // namespace recfast::split
