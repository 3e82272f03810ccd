// sparse_bag: on the side of its bag.

#include "split/lowering.h"

namespace recfast::split {

void lower_sparse_bag(Lowering& lowering, const OpNode& node) {
  const Parameters& parameters = lowering.program().parameters();
  const Side side = lowering.slot(node.output).side;
  const Part out = lowering.allocate(side, lowering.slot(node.output).width);
  lowering.add(side, SparseBag{.entries = &parameters.weights.at(node.weight),
                               .columns = &parameters.indices.at(node.columns),
                               .array = node.inputs[0],
                               .out = out.offset});
  lowering.define(node.output, {out});
}

}  // namespace recfast::split
