#include "program/program.h"

#include <unordered_map>

#include "base/error.h"
#include "program/ops/concat.h"
#include "program/ops/cross.h"
#include "program/ops/cross_low_rank.h"
#include "program/ops/dot.h"
#include "program/ops/dot_interaction.h"
#include "program/ops/embedding_bag.h"
#include "program/ops/fm.h"
#include "program/ops/linear.h"
#include "program/ops/normalise.h"
#include "program/ops/pick.h"
#include "program/ops/sparse_bag.h"
#include "program/ops/sum.h"

namespace recfast {
namespace {

// What a slot may hold at most: an executor multiplies widths by rows, and these products stay far from overflow.
constexpr int64_t kMaxWidth = int64_t{1} << 20;

struct OpRule {
  const char* stem;
  OpType type;
  int64_t (*check)(const OpCheck&);
};

constexpr OpRule kRules[] = {
#define RECFAST_OP(name, Name) {#name, OpType::k##Name, ops::check_##name},
#include "program/ops.def"
#undef RECFAST_OP
};

const OpRule& rule_of(const OpText& text) {
  std::string known;
  for (const OpRule& rule : kRules) {
    if (text.op == rule.stem) return rule;
    known += std::string(known.empty() ? "" : ", ") + rule.stem;
  }
  throw ValueError("unknown op '" + text.op + "'; the ops are " + known);
}

Pooling parse_pooling(const OpText& text) {
  if (text.pooling.empty() || text.pooling == "sum") return Pooling::kSum;
  if (text.pooling == "mean") return Pooling::kMean;
  if (text.pooling == "max") return Pooling::kMax;
  throw ValueError("op '" + text.op + "' -> '" + text.output + "': unknown pooling '" + text.pooling + "'");
}

bool parse_relu(const OpText& text) {
  if (text.activation.empty() || text.activation == "none") return false;
  if (text.activation == "relu") return true;
  throw ValueError("op '" + text.op + "' -> '" + text.output + "': unknown activation '" + text.activation + "'");
}

}  // namespace

const char* op_name(OpType type) noexcept {
  return kRules[static_cast<size_t>(type)].stem;
}

Program::Program(std::vector<Slot> inputs, const std::vector<OpText>& ops, const std::string& output,
                 Parameters parameters)
    : slots_(std::move(inputs)), num_inputs_(static_cast<int64_t>(slots_.size())), parameters_(std::move(parameters)) {
  std::unordered_map<std::string, int64_t> by_name;
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (!by_name.emplace(slots_[i].name, static_cast<int64_t>(i)).second) {
      throw ValueError("the input '" + slots_[i].name + "' stands there twice");
    }
  }
  for (const OpText& text : ops) {
    const OpRule& rule = rule_of(text);
    OpNode node{.type = rule.type,
                .inputs = {},
                .output = static_cast<int64_t>(slots_.size()),
                .table = text.table,
                .weight = text.weight,
                .bias = text.bias,
                .projection = text.projection,
                .columns = text.columns,
                .pooling = parse_pooling(text),
                .relu = parse_relu(text)};
    for (const std::string& name : text.inputs) {
      const auto found = by_name.find(name);
      if (found == by_name.end()) {
        throw ValueError("op '" + text.op + "' -> '" + text.output + "': the input '" + name +
                         "' is no slot before it");
      }
      node.inputs.push_back(found->second);
    }
    if (!by_name.emplace(text.output, node.output).second) {
      throw ValueError("op '" + text.op + "': its output '" + text.output + "' exists already");
    }
    const OpCheck check{.node = node, .text = text, .slots = slots_, .parameters = parameters_};
    const int64_t width = rule.check(check);
    if (width < 1 || width > kMaxWidth) check.refuse("its output would be " + std::to_string(width) + " wide");
    Side side = check.input(0).side;
    for (size_t i = 1; i < check.count(); ++i) side = join(side, check.input(i).side);
    slots_.push_back({.name = text.output, .side = side, .kind = InputKind::kDense, .width = width, .rows = 0});
    ops_.push_back(std::move(node));
  }
  const auto found = by_name.find(output);
  if (found == by_name.end()) throw ValueError("the program's output '" + output + "' is no slot");
  output_ = found->second;
  const Slot& slot = slots_[static_cast<size_t>(output_)];
  if (slot.kind != InputKind::kDense || slot.width != 1)
    throw ValueError("the program's output '" + output + "' is not one number");
}

}  // namespace recfast
