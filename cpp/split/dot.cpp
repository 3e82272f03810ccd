// dot: where both vectors are of one side, on its stage; else per candidate.

#include "split/lowering.h"

namespace recfast::split {

void lower_dot(Lowering& lowering, const OpNode& node) {
  const Slot& output = lowering.slot(node.output);
  const auto operand = [&](int64_t input) {
    const Value& value = lowering.value(node.inputs[static_cast<size_t>(input)]);
    return lowering.operand(lowering.contiguous(value, side_of(value)), output.side);
  };
  const Operand left = operand(0);
  const Vectors right{.at = operand(1), .count = 1, .dim = lowering.slot(node.inputs[1]).width};
  const Part out = lowering.allocate(output.side, 1);
  lowering.add(output.side, DotVectors{.left = left, .right = right, .y = out.offset});
  lowering.define(node.output, {out});
  if (output.side != Side::kPair) return;
  ScoreForm form;
  form.add(left, right.at, right.dim);
  lowering.define_form(node.output, std::move(form));
}

}  // namespace recfast::split
