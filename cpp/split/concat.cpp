// concat: a list of parts, nothing to compute.

#include "split/append_part.h"

namespace recfast::split {

void lower_concat(Lowering& lowering, const OpNode& node) {
  Value whole;
  for (const int64_t input : node.inputs)
    for (const Part& part : lowering.value(input)) append_part(whole, part);
  lowering.define(node.output, std::move(whole));
}

}  // namespace recfast::split
