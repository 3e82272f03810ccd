// pick: the id stands in a frame as a number, so that the catalogue stores it like any other value.

#include "split/lowering.h"

namespace recfast::split {

void lower_pick(Lowering& lowering, const OpNode& node) {
  const Side side = lowering.slot(node.output).side;
  const Value& x = lowering.value(node.inputs[0]);
  const Operand vector = lowering.operand(lowering.contiguous(x, side_of(x)), side);
  const Side of_id = lowering.slot(node.inputs[1]).side;
  const Part id = lowering.allocate(of_id, 1);
  lowering.add(of_id, Id{.array = node.inputs[1], .out = id.offset});
  const Part out = lowering.allocate(side, 1);
  lowering.add(side, Pick{.x = vector, .id = lowering.operand(id, side), .out = out.offset});
  lowering.define(node.output, {out});
}

}  // namespace recfast::split
