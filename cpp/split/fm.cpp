// fm: the sum and the term of each side's fields, joined by dot products of the sums.

#include "split/lowering.h"

namespace recfast::split {

void lower_fm(Lowering& lowering, const OpNode& node) {
  const int64_t dim = lowering.slot(node.inputs[0]).width;
  // The fields of each stage; a field that is itself of several sides counts as pair.
  Value fields[3];
  int64_t counts[3] = {};
  for (const int64_t input : node.inputs) {
    const Value& value = lowering.value(input);
    const auto side = static_cast<size_t>(side_of(value));
    const Part part = lowering.contiguous(value, static_cast<Side>(side));
    fields[side].push_back(part);
    ++counts[side];
  }
  std::vector<Operand> sums;
  std::vector<Operand> terms;
  Value last;
  const Side side = lowering.slot(node.output).side;
  for (const Side stage : {Side::kRequest, Side::kItem, Side::kPair}) {
    const auto at = static_cast<size_t>(stage);
    if (counts[at] == 0) continue;
    const Part x = lowering.contiguous(fields[at], stage);
    const Part sum = lowering.allocate(stage, dim);
    const Part term = lowering.allocate(stage, 1);
    lowering.add(stage, Fm{.fields = counts[at], .dim = dim, .x = x.offset, .sum = sum.offset, .term = term.offset});
    lowering.define_part(node.output, PartOf::kSum, sum);
    lowering.define_part(node.output, PartOf::kTerm, term);
    last = {term};
    if (stage == side && stage != Side::kPair) break;
    sums.push_back(lowering.operand(sum, Side::kPair));
    terms.push_back(lowering.operand(term, Side::kPair));
  }
  if (side != Side::kPair || sums.size() == 1) {
    lowering.define(node.output, last);
    return;
  }
  const Part out = lowering.allocate(Side::kPair, 1);
  const Operand so_far{Operand::Source::kFrame, out.offset};
  lowering.add(Side::kPair, JoinRows{.a = terms[0], .b = terms[1], .width = 1, .out = out.offset});
  for (size_t i = 2; i < terms.size(); ++i)
    lowering.add(Side::kPair, JoinRows{.a = so_far, .b = terms[i], .width = 1, .out = out.offset});
  for (size_t i = 0; i < sums.size(); ++i)
    for (size_t j = i + 1; j < sums.size(); ++j)
      lowering.add(Side::kPair, AddDot{.a = sums[i], .b = sums[j], .dim = dim, .term = out.offset});
  lowering.define(node.output, {out});
  ScoreForm form;
  for (const Operand& term : terms) form.add(term);
  for (size_t i = 0; i < sums.size(); ++i)
    for (size_t j = i + 1; j < sums.size(); ++j) form.add(sums[i], sums[j], dim);
  lowering.define_form(node.output, std::move(form));
}

}  // namespace recfast::split
