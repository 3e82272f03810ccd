#pragma once
// The steps of a stage that compute given columns of its frame: what is left of it where only those are read.

#include <span>
#include <vector>

#include "split/steps.h"

namespace recfast::split {

// Columns [begin, begin + width) of the stage's frame.
struct FrameRange {
  int64_t begin = 0;
  int64_t width = 0;
};

// In their order. A step that writes some column which is needed is kept whole.
std::vector<Step> needed_steps(std::span<const Step> steps, std::vector<FrameRange> needed);

}  // namespace recfast::split
