#pragma once
// Which ISA runs: the best one that this CPU has, or the one that RECFAST_ISA names. AVX-512 runs unasked on Intel's
// CPUs, elsewhere only when it is named.

#include <string_view>
#include <vector>

#include "kernels/kernels.h"

namespace recfast {

// The ISAs that are built in, the portable one first.
std::vector<std::string_view> built_isas();

// Those of them that this CPU and its operating system have, in order of preference: {"baseline", "avx2"}.
std::vector<std::string_view> available_isas();

// The kernels of one ISA. Throws ValueError naming the available ones, and what is missing, when it is unknown or
// absent.
const KernelTable& kernels_for(std::string_view isa);

// RECFAST_ISA when it is set and not empty, otherwise the last of available_isas() that may be taken unasked:
// avx512 on Intel's CPUs alone. Throws like kernels_for.
std::string_view select_isa();

// The kernels of select_isa(), which is asked once per process.
const KernelTable& kernels();

}  // namespace recfast
