// cross_low_rank: the projection splits by sides, what follows runs where it is known.

#include "split/crossed.h"
#include "split/product.h"

namespace recfast::split {

void lower_cross_low_rank(Lowering& lowering, const OpNode& node) {
  const Parameters& parameters = lowering.program().parameters();
  const Product project{
      .weight = &parameters.weights.at(node.projection), .bias = nullptr, .relu = false, .slot = node.output};
  const Product product{.weight = &parameters.weights.at(node.weight),
                        .bias = node.bias.empty() ? nullptr : &parameters.weights.at(node.bias),
                        .relu = false};
  const Part projected = lower_product(lowering, lowering.value(node.inputs[1]), project);
  define_crossed(lowering, node, lower_product(lowering, {projected}, product));
}

}  // namespace recfast::split
