#include "split/plan.h"

#include <algorithm>

#include "split/lowering.h"

namespace recfast::split {

Plan make_plan(const Program& program, std::span<const NamedPart> named) {
  Lowering lowering(program);
  const int64_t score = lowering.contiguous(lowering.value(program.output()), Side::kPair).offset;
  Plan plan;
  plan.score = score;
  plan.form = lowering.form(program.output());
  for (const NamedPart& name : named) plan.named.push_back(lowering.find(name));
  plan.stored = lowering.stored();
  plan.item_width = packed_width(std::max<int64_t>(lowering.store_width(), 1));
  for (const Side side : {Side::kRequest, Side::kItem, Side::kPair}) {
    Stage& stage = plan.stages[static_cast<size_t>(side)];
    stage.steps = std::move(lowering.steps(side));
    stage.width = lowering.frame_width(side);
  }
  return plan;
}

}  // namespace recfast::split
