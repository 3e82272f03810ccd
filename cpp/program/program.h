#pragma once
// Program: an immutable list of ops over named slots. Every slot has a side; an op's output has the join of the sides
// of its inputs. No code, no device. Construction verifies everything; an executor may trust it.

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/kernels.h"
#include "program/parameters.h"
#include "program/side.h"

namespace recfast {

enum class OpType : uint8_t {
#define RECFAST_OP(name, Name) k##Name,
#include "program/ops.def"
#undef RECFAST_OP
};

// kDense: f32 [width] per row; ids and bags only as inputs.
struct Slot {
  std::string name;
  Side side = Side::kItem;
  InputKind kind = InputKind::kDense;
  int64_t width = 1;
  int64_t rows = 0;  // of ids and bags
};

// The attributes of every op in one struct; ops/<op>.h says which of them an op has.
struct OpNode {
  OpType type = OpType::kConcat;
  std::vector<int64_t> inputs;  // slots
  int64_t output = 0;           // slot
  std::string table;
  std::string weight;
  std::string bias;
  std::string projection;
  std::string columns;
  Pooling pooling = Pooling::kSum;
  bool relu = false;
};

// An op as it is written down, slots by name.
struct OpText {
  std::string op;
  std::vector<std::string> inputs;
  std::string output;
  std::string table;
  std::string weight;
  std::string bias;
  std::string projection;
  std::string columns;
  std::string pooling;
  std::string activation;
};

class Program {
 public:
  // inputs: the arrays that the model reads. Throws ValueError naming the op and what is wrong with it.
  Program(std::vector<Slot> inputs, const std::vector<OpText>& ops, const std::string& output, Parameters parameters);

  const std::vector<Slot>& slots() const noexcept { return slots_; }
  int64_t num_inputs() const noexcept { return num_inputs_; }
  const std::vector<OpNode>& ops() const noexcept { return ops_; }
  int64_t output() const noexcept { return output_; }
  const Parameters& parameters() const noexcept { return parameters_; }

 private:
  std::vector<Slot> slots_;  // inputs first, then the output of each op
  int64_t num_inputs_;
  std::vector<OpNode> ops_;
  int64_t output_ = 0;
  Parameters parameters_;
};

// request | item = pair; a side joined with itself stays.
constexpr Side join(Side a, Side b) noexcept {
  return a == b ? a : Side::kPair;
}

const char* op_name(OpType type) noexcept;

}  // namespace recfast
