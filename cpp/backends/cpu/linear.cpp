#include "backends/cpu/linear.h"

#include <algorithm>
#include <vector>

#include "backends/cpu/join_rows.h"

namespace recfast::cpu {
namespace {

// Fewer outputs than this are dot products: a panel of 16 would be mostly padding.
constexpr int64_t kNarrow = 8;

class LinearStep final : public Step {
 public:
  struct Options {
    int64_t in = 0;
    int64_t out = 0;
    int64_t x = 0;  // frame offsets
    int64_t y = 0;
    bool accumulate = false;
    bool relu = false;
  };
  // columns: f32 [out, in]. bias: f32 [out] or null. Both are packed into the arena, which must outlive the step.
  LinearStep(const KernelTable& kernels, Arena& arena, Options options, const float* columns, const float* bias)
      : options_(options) {
    const bool narrow = options.out < kNarrow;
    kernel_ = narrow ? kernels.linear_narrow : kernels.linear;
    if (narrow) {
      weights_ = arena.floats(static_cast<size_t>(options.in * options.out));
      std::copy_n(columns, options.in * options.out, weights_);
    } else {
      weights_ = arena.floats(static_cast<size_t>(packed_size(options.in, options.out)));
      pack_linear(columns, options.in, options.in, options.out, weights_);
    }
    if (bias != nullptr) {
      bias_ = arena.floats(static_cast<size_t>(packed_width(options.out)));
      std::copy_n(bias, options.out, bias_);
    }
  }
  void run(const Tile& tile) const noexcept override {
    kernel_(tile.at(options_.x), tile.stride, tile.rows, options_.in, weights_, bias_, options_.accumulate,
            options_.relu, tile.at(options_.y), tile.stride, options_.out, tile.ahead);
  }

 private:
  decltype(KernelTable::linear) kernel_;
  Options options_;
  float* weights_ = nullptr;
  float* bias_ = nullptr;
};

// The columns of `weight` that belong to the parts of `x` on `side`, [out, width].
std::vector<float> columns_on(const Weight& weight, const Value& x, Side side) {
  std::vector<float> out;
  for (int64_t row = 0; row < weight.rows; ++row) {
    int64_t column = 0;
    for (const Part& part : x) {
      const float* from = weight.data + row * weight.columns + column;
      if (part.side == side) out.insert(out.end(), from, from + part.width);
      column += part.width;
    }
  }
  return out;
}

}  // namespace

Part lower_product(Lowering& lowering, const Value& x, const Product& product, ScoreForm* form) {
  const int64_t out = product.weight->rows;
  const float* bias = product.bias != nullptr ? product.bias->data : nullptr;
  const Side side = side_of(x);
  const auto multiply = [&](Side stage, const Part& y, const float* with_bias, bool accumulate, bool relu) {
    const Part from = lowering.contiguous(parts_on(x, stage), stage);
    lowering.count_weights(packed_size(from.width, out));
    const std::vector<float> columns = columns_on(*product.weight, x, stage);
    lowering.add<LinearStep>(
        stage, lowering.kernels(), lowering.arena(),
        LinearStep::Options{
            .in = from.width, .out = out, .x = from.offset, .y = y.offset, .accumulate = accumulate, .relu = relu},
        columns.data(), with_bias);
  };
  const Part y = lowering.allocate(side, out);
  if (side != Side::kPair || parts_on(x, Side::kPair).size() == x.size()) {
    multiply(side, y, bias, false, product.relu);
    if (form != nullptr) form->whole = false;
    return y;
  }
  // u = bias + W_request x_request, v = W_item x_item, y = act(u + v + W_pair x_pair)
  std::vector<Operand> joined;
  for (const Side stage : {Side::kRequest, Side::kItem}) {
    if (parts_on(x, stage).empty()) continue;
    const Part partial = lowering.allocate(stage, out);
    multiply(stage, partial, joined.empty() ? bias : nullptr, false, false);
    joined.push_back(lowering.operand(partial, Side::kPair));
  }
  const bool has_pair = !parts_on(x, Side::kPair).empty();
  lowering.add<JoinRowsStep>(Side::kPair, lowering.kernels(),
                             JoinRowsStep::Options{.a = joined[0],
                                                   .b = joined.size() > 1 ? std::optional(joined[1]) : std::nullopt,
                                                   .relu = product.relu && !has_pair,
                                                   .out = y});
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
                        .relu = node.relu};
  ScoreForm form;
  const Part y = lower_product(lowering, lowering.value(node.inputs[0]), product, &form);
  lowering.define(node.output, {y});
  if (y.side == Side::kPair && y.width == 1 && !product.relu) lowering.define_form(node.output, std::move(form));
}

}  // namespace recfast::cpu
