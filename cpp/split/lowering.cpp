#include "split/lowering.h"

#include <algorithm>

#include "base/error.h"

namespace recfast::split {
namespace {

constexpr int64_t kMaxFrameWidth = int64_t{1} << 22;
constexpr int64_t kMaxWeights = int64_t{1} << 26;
constexpr size_t kMaxParts = size_t{1} << 22;

}  // namespace

Lowering::Lowering(const Program& program) : program_(program), values_(program.slots().size()) {
  for (int64_t i = 0; i < program.num_inputs(); ++i) {
    const Slot& input = slot(i);
    if (input.kind != InputKind::kDense) continue;
    // Without padding: inputs that follow each other are one range, which a concat of them need not copy.
    int64_t& total = widths_[static_cast<size_t>(input.side)];
    const Part part{.side = input.side, .offset = total, .width = input.width};
    total += input.width;
    add(input.side, Input{.array = i, .width = input.width, .out = part.offset});
    define(i, {part});
  }
  for (int64_t& total : widths_) total = packed_width(total);
  for (const OpNode& node : program.ops()) {
    switch (node.type) {
#define RECFAST_OP(name, Name) \
  case OpType::k##Name:        \
    lower_##name(*this, node); \
    break;
#include "program/ops.def"
#undef RECFAST_OP
    }
  }
}

void Lowering::define(int64_t slot, Value value) {
  parts_ += value.size();
  if (parts_ > kMaxParts) throw ValueError("the program's concats hold over 2**22 parts together");
  values_[static_cast<size_t>(slot)] = std::move(value);
}

ScoreForm Lowering::form(int64_t slot) {
  if (const auto known = forms_.find(slot); known != forms_.end()) return known->second;
  const Value& number = value(slot);
  ScoreForm out;
  const bool simple = number.size() == 1 && number[0].width == 1 && number[0].side != Side::kPair;
  if (simple)
    out.add(operand(number[0], Side::kPair));
  else
    out.whole = false;
  return out;
}

Operand Lowering::find(const NamedPart& name) {
  const Slot& of = slot(name.slot);
  Part part;
  if (name.part != PartOf::kValue) {
    const auto found = named_.find({name.slot, name.part, name.side});
    if (found == named_.end()) throw ValueError("the slot '" + of.name + "' has no such part on that side");
    part = found->second;
  } else {
    if (of.kind != InputKind::kDense) throw ValueError("the slot '" + of.name + "' holds ids");
    part = contiguous(value(name.slot), side_of(value(name.slot)));
  }
  if (part.width != name.width) {
    throw ValueError("the part of slot '" + of.name + "' is " + std::to_string(part.width) + " wide, expected " +
                     std::to_string(name.width));
  }
  return operand(part, Side::kPair);
}

Part Lowering::allocate(Side side, int64_t width) {
  int64_t& total = widths_[static_cast<size_t>(side)];
  const Part part{.side = side, .offset = total, .width = width};
  total += packed_width(width);
  if (total > kMaxFrameWidth) throw ValueError("the program's values are too wide together: over 2**22 numbers a row");
  return part;
}

void Lowering::count_weights(int64_t numbers) {
  weights_ += numbers;
  if (weights_ > kMaxWeights) throw ValueError("the program's linear ops have over 2**26 weights together");
}

Operand Lowering::operand(const Part& part, Side side) {
  if (part.side == side) return {Operand::Source::kFrame, part.offset};
  if (part.side == Side::kRequest) return {Operand::Source::kRequest, part.offset};
  for (const Stored& known : stored_) {
    const int64_t inside = part.offset - known.frame_offset;
    if (inside >= 0 && inside + part.width <= known.width) return {Operand::Source::kItem, known.store_offset + inside};
  }
  stored_.push_back({.frame_offset = part.offset, .store_offset = store_width_, .width = part.width});
  store_width_ += part.width;
  return {Operand::Source::kItem, stored_.back().store_offset};
}

Part Lowering::contiguous(const Value& value, Side side) {
  int64_t width = 0;
  bool in_place = true;
  for (const Part& part : value) {
    in_place &= part.side == side && part.offset == value[0].offset + width;
    width += part.width;
  }
  if (in_place) return {.side = side, .offset = value[0].offset, .width = width};
  for (const Copied& copy : copies_) {
    if (copy.whole.side == side && copy.value == value) return copy.whole;
  }
  const Part whole = allocate(side, width);
  copies_.push_back({value, whole});
  int64_t offset = whole.offset;
  for (const Part& part : value) {
    add(side, Copy{.from = operand(part, side), .width = part.width, .out = offset});
    offset += part.width;
  }
  return whole;
}

Side side_of(const Value& value) {
  Side side = value[0].side;
  for (const Part& part : value) side = join(side, part.side);
  return side;
}

Value parts_on(const Value& value, Side side) {
  Value out;
  std::copy_if(value.begin(), value.end(), std::back_inserter(out),
               [&](const Part& part) { return part.side == side; });
  return out;
}

}  // namespace recfast::split
