#pragma once
// cross on the CPU; cross_low_rank has the same elementwise part.

#include "backends/cpu/lowering.h"

namespace recfast::cpu {

// Defines the node's output as x0 * z + xl, its inputs being x0 and xl, where all three meet.
void define_crossed(Lowering& lowering, const OpNode& node, const Part& z);

}  // namespace recfast::cpu
