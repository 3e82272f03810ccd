// normalise: on the side of its input, once per request or item.

#include "split/lowering.h"

namespace recfast::split {

void lower_normalise(Lowering& lowering, const OpNode& node) {
  const Side side = lowering.slot(node.output).side;
  const Part x = lowering.contiguous(lowering.value(node.inputs[0]), side);
  const Weight* gain = nullptr;
  if (!node.weight.empty()) {
    lowering.count_weights(x.width);
    gain = &lowering.program().parameters().weights.at(node.weight);
  }
  const Part out = lowering.allocate(side, x.width);
  lowering.add(side, Normalise{.x = x.offset, .gain = gain, .width = out.width, .out = out.offset});
  lowering.define(node.output, {out});
}

}  // namespace recfast::split
