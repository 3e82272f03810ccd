// pick on the CPU: the id stands in a frame as a number (widths end far below 2^24, up to which they are exact), so
// that the catalogue stores it like any other value.

#include "backends/cpu/lowering.h"

namespace recfast::cpu {
namespace {

// frame[out] = an encoded id
class IdStep final : public Step {
 public:
  IdStep(int64_t array, int64_t out) : array_(array), out_(out) {}
  void run(const Tile& tile) const noexcept override {
    const int64_t* ids = tile.arrays[array_].ids.data() + tile.first;
    for (int64_t r = 0; r < tile.rows; ++r) tile.at(out_)[r * tile.stride] = static_cast<float>(ids[r]);
  }

 private:
  int64_t array_;
  int64_t out_;
};

// frame[out] = x[id]
class PickStep final : public Step {
 public:
  PickStep(Operand x, Operand id, int64_t out) : x_(x), id_(id), out_(out) {}
  void run(const Tile& tile) const noexcept override {
    const float* const* x = tile.rows_of(x_, 0);
    const float* const* id = tile.rows_of(id_, 1);
    for (int64_t r = 0; r < tile.rows; ++r) tile.at(out_)[r * tile.stride] = x[r][static_cast<int64_t>(*id[r])];
  }

 private:
  Operand x_;
  Operand id_;
  int64_t out_;
};

}  // namespace

void lower_pick(Lowering& lowering, const OpNode& node) {
  const Side side = lowering.slot(node.output).side;
  const Value& x = lowering.value(node.inputs[0]);
  const Operand vector = lowering.operand(lowering.contiguous(x, side_of(x)), side);
  const Side of_id = lowering.slot(node.inputs[1]).side;
  const Part id = lowering.allocate(of_id, 1);
  lowering.add<IdStep>(of_id, node.inputs[1], id.offset);
  const Part out = lowering.allocate(side, 1);
  lowering.add<PickStep>(side, vector, lowering.operand(id, side), out.offset);
  lowering.define(node.output, {out});
}

}  // namespace recfast::cpu
