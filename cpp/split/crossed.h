#pragma once
// The elementwise part of cross and cross_low_rank.

#include "split/lowering.h"

namespace recfast::split {

// Defines the node's output as x0 * z + xl, its inputs being x0 and xl, where all three meet.
void define_crossed(Lowering& lowering, const OpNode& node, const Part& z);

}  // namespace recfast::split
