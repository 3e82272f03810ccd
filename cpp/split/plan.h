#pragma once
// Plan: a Program split by sides into three lists of steps, one per stage, for any device. A backend binds the steps to
// its kernels; where values lie is the same on all of them, so that what one device stores another can read.

#include <span>
#include <vector>

#include "split/named_part.h"
#include "split/score_form.h"
#include "split/steps.h"

namespace recfast::split {

struct Stage {
  std::vector<Step> steps;  // in order
  int64_t width = 0;        // of the frame, whole vectors
};

struct Plan {
  Stage stages[3];             // by side
  std::vector<Stored> stored;  // by store_offset
  int64_t item_width = 0;      // numbers per stored item row, whole vectors
  int64_t score = 0;           // where in the pair stage's frame the output stands
  ScoreForm form;              // what the output is the sum of
  std::vector<Operand> named;  // how the pair stage reads the named parts, in their order

  const Stage& stage(Side side) const noexcept { return stages[static_cast<size_t>(side)]; }
};

// named: parts that something beside the steps reads; of the item side they are stored too. Points into the program,
// which must outlive it. Throws ValueError for programs that are too large to lay out, and for parts that are not
// there.
Plan make_plan(const Program& program, std::span<const NamedPart> named = {});

}  // namespace recfast::split
