// sum: each side's inputs are summed on its stage, the sums on the pair stage.

#include "split/lowering.h"

namespace recfast::split {

void lower_sum(Lowering& lowering, const OpNode& node) {
  const int64_t width = lowering.slot(node.output).width;
  const Side side = lowering.slot(node.output).side;
  // Adds the operands on `stage`, from left to right.
  const auto add_up = [&](Side stage, const std::vector<Operand>& operands, const Part& only) {
    if (operands.size() == 1 && only.side == stage) return only;
    const Part out = lowering.allocate(stage, width);
    const Operand so_far{Operand::Source::kFrame, out.offset};
    const std::optional<Operand> second = operands.size() > 1 ? std::optional(operands[1]) : std::nullopt;
    lowering.add(stage, JoinRows{.a = operands[0], .b = second, .width = width, .out = out.offset});
    for (size_t i = 2; i < operands.size(); ++i)
      lowering.add(stage, JoinRows{.a = so_far, .b = operands[i], .width = width, .out = out.offset});
    return out;
  };
  std::vector<Operand> sides;
  Part last;
  for (const Side stage : {Side::kRequest, Side::kItem, Side::kPair}) {
    std::vector<Operand> own;
    for (const int64_t input : node.inputs) {
      const Value& value = lowering.value(input);
      if (side_of(value) != stage) continue;
      last = lowering.contiguous(value, stage);
      own.push_back(lowering.operand(last, stage));
    }
    if (own.empty()) continue;
    last = add_up(stage, own, last);
    lowering.define_part(node.output, PartOf::kSum, last);
    if (side == Side::kPair) sides.push_back(lowering.operand(last, Side::kPair));
  }
  if (side == Side::kPair) last = add_up(Side::kPair, sides, last);
  lowering.define(node.output, {last});
  if (side != Side::kPair || width != 1) return;
  ScoreForm form;
  for (const Operand& number : sides) {
    if (number.source != Operand::Source::kFrame) form.add(number);
  }
  for (const int64_t input : node.inputs) {
    if (side_of(lowering.value(input)) == Side::kPair) form.add(lowering.form(input));
  }
  lowering.define_form(node.output, std::move(form));
}

}  // namespace recfast::split
