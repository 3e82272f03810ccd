// linear: its product splits by sides.

#include "split/product.h"

namespace recfast::split {
namespace {

// The columns of a weight that belong to the parts of `x` on `side`.
std::vector<Linear::Columns> columns_on(const Value& x, Side side) {
  std::vector<Linear::Columns> out;
  int64_t first = 0;
  for (const Part& part : x) {
    if (part.side == side) out.push_back({first, part.width});
    first += part.width;
  }
  return out;
}

}  // namespace

Part lower_product(Lowering& lowering, const Value& x, const Product& product, ScoreForm* form) {
  const int64_t out = product.weight->rows;
  const Side side = side_of(x);
  const auto multiply = [&](Side stage, const Part& y, const Weight* bias, bool accumulate, bool relu) {
    const Part from = lowering.contiguous(parts_on(x, stage), stage);
    lowering.count_weights(packed_size(from.width, out));
    lowering.add(stage, Linear{.weight = product.weight,
                               .columns = columns_on(x, stage),
                               .bias = bias,
                               .in = from.width,
                               .out = out,
                               .x = from.offset,
                               .y = y.offset,
                               .accumulate = accumulate,
                               .relu = relu});
  };
  const Part y = lowering.allocate(side, out);
  if (side != Side::kPair || parts_on(x, Side::kPair).size() == x.size()) {
    multiply(side, y, product.bias, false, product.relu);
    if (product.slot >= 0) lowering.define_part(product.slot, PartOf::kProduct, y);
    if (form != nullptr) form->whole = false;
    return y;
  }
  // u = bias + W_request x_request, v = W_item x_item, y = act(u + v + W_pair x_pair)
  std::vector<Operand> joined;
  for (const Side stage : {Side::kRequest, Side::kItem}) {
    if (parts_on(x, stage).empty()) continue;
    const Part partial = lowering.allocate(stage, out);
    multiply(stage, partial, joined.empty() ? product.bias : nullptr, false, false);
    if (product.slot >= 0) lowering.define_part(product.slot, PartOf::kProduct, partial);
    joined.push_back(lowering.operand(partial, Side::kPair));
  }
  const bool has_pair = !parts_on(x, Side::kPair).empty();
  lowering.add(Side::kPair, JoinRows{.a = joined[0],
                                     .b = joined.size() > 1 ? std::optional(joined[1]) : std::nullopt,
                                     .relu = product.relu && !has_pair,
                                     .width = out,
                                     .out = y.offset});
  if (form != nullptr) {
    for (const Operand& number : joined) form->add(number);
    form->whole &= out == 1 && !product.relu && !has_pair;
  }
  if (has_pair) multiply(Side::kPair, y, nullptr, true, product.relu);
  return y;
}

void lower_linear(Lowering& lowering, const OpNode& node) {
  const Parameters& parameters = lowering.program().parameters();
  const Product product{.weight = &parameters.weights.at(node.weight),
                        .bias = node.bias.empty() ? nullptr : &parameters.weights.at(node.bias),
                        .relu = node.relu,
                        .slot = node.output};
  ScoreForm form;
  const Part y = lower_product(lowering, lowering.value(node.inputs[0]), product, &form);
  lowering.define(node.output, {y});
  if (y.side == Side::kPair && y.width == 1 && !product.relu) lowering.define_form(node.output, std::move(form));
}

}  // namespace recfast::split
