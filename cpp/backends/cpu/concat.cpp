// concat on the CPU: a list of parts, nothing to compute.

#include "backends/cpu/lowering.h"

namespace recfast::cpu {

void lower_concat(Lowering& lowering, const OpNode& node) {
  Value whole;
  for (const int64_t input : node.inputs) {
    const Value& value = lowering.value(input);
    whole.insert(whole.end(), value.begin(), value.end());
  }
  lowering.define(node.output, std::move(whole));
}

}  // namespace recfast::cpu
