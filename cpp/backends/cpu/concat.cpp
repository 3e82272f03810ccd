// concat on the CPU: a list of parts, nothing to compute.

#include "backends/cpu/append_part.h"

namespace recfast::cpu {

void lower_concat(Lowering& lowering, const OpNode& node) {
  Value whole;
  for (const int64_t input : node.inputs)
    for (const Part& part : lowering.value(input)) append_part(whole, part);
  lowering.define(node.output, std::move(whole));
}

}  // namespace recfast::cpu
