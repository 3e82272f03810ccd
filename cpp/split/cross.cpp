// cross: the product splits by sides, the elementwise part runs on the join.

#include "split/crossed.h"
#include "split/product.h"

namespace recfast::split {

void define_crossed(Lowering& lowering, const OpNode& node, const Part& z) {
  const Side side = lowering.slot(node.output).side;
  const Part z_whole = lowering.contiguous({z}, side);
  const Part x0 = lowering.contiguous(lowering.value(node.inputs[0]), side);
  const Part xl = lowering.contiguous(lowering.value(node.inputs[1]), side);
  const Part out = lowering.allocate(side, x0.width);
  lowering.add(side,
               Cross{.x0 = x0.offset, .z = z_whole.offset, .xl = xl.offset, .width = out.width, .out = out.offset});
  lowering.define(node.output, {out});
}

void lower_cross(Lowering& lowering, const OpNode& node) {
  const Parameters& parameters = lowering.program().parameters();
  const Product product{.weight = &parameters.weights.at(node.weight),
                        .bias = node.bias.empty() ? nullptr : &parameters.weights.at(node.bias),
                        .relu = false,
                        .slot = node.output};
  define_crossed(lowering, node, lower_product(lowering, lowering.value(node.inputs[1]), product));
}

}  // namespace recfast::split
