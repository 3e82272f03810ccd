#pragma once
// Splits a Program by sides into steps. A dense value is a list of parts, each on the stage where it is known; an op's
// lowering (one file per op) decides what it computes on which stage.

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "program/program.h"
#include "split/named_part.h"
#include "split/score_form.h"
#include "split/steps.h"

namespace recfast::split {

class Lowering {
 public:
  explicit Lowering(const Program& program);

  const Program& program() const noexcept { return program_; }
  const Slot& slot(int64_t index) const { return program_.slots()[static_cast<size_t>(index)]; }
  const Value& value(int64_t slot) const { return values_[static_cast<size_t>(slot)]; }
  // Throws ValueError when the values have too many parts together: concats of concats, without any work in between.
  void define(int64_t slot, Value value);

  // What a pair-side slot of one number is the sum of; nothing is known of slots that no op said it of.
  void define_form(int64_t slot, ScoreForm form) { forms_[slot] = std::move(form); }
  ScoreForm form(int64_t slot);

  // What the op of `slot` computes on a side beside its output.
  void define_part(int64_t slot, PartOf part, const Part& where) { named_[{slot, part, where.side}] = where; }
  // How the pair stage reads a part. Throws ValueError where there is none of that name and width.
  Operand find(const NamedPart& name);

  // A new range of `width` columns, padded to whole vectors. Throws ValueError when the frame gets too large.
  Part allocate(Side side, int64_t width);
  void add(Side side, Step step) { steps_[static_cast<size_t>(side)].push_back(std::move(step)); }
  // Counts numbers of weights, packed. Throws ValueError when they get too many: a small file may name one weight
  // often.
  void count_weights(int64_t numbers);
  // How the stage `side` reads a part; an item part that the pair stage reads becomes a stored one.
  Operand operand(const Part& part, Side side);
  // The value as one range of the frame of `side`: itself where it is one, else a copy (made once).
  Part contiguous(const Value& value, Side side);

  std::vector<Step>& steps(Side side) { return steps_[static_cast<size_t>(side)]; }
  int64_t frame_width(Side side) const noexcept { return widths_[static_cast<size_t>(side)]; }
  const std::vector<Stored>& stored() const noexcept { return stored_; }
  int64_t store_width() const noexcept { return store_width_; }

 private:
  const Program& program_;
  std::vector<Value> values_;
  size_t parts_ = 0;
  std::vector<Step> steps_[3];
  int64_t widths_[3] = {};
  std::vector<Stored> stored_;
  int64_t store_width_ = 0;
  int64_t weights_ = 0;
  std::map<int64_t, ScoreForm> forms_;  // by slot
  std::map<std::tuple<int64_t, PartOf, Side>, Part> named_;
  struct Copied {
    Value value;
    Part whole;
  };
  std::vector<Copied> copies_;
};

// The join of the sides of all parts.
Side side_of(const Value& value);
// The parts on `side`, in order.
Value parts_on(const Value& value, Side side);

#define RECFAST_OP(name, Name) void lower_##name(Lowering& lowering, const OpNode& node);
#include "program/ops.def"
#undef RECFAST_OP

}  // namespace recfast::split
