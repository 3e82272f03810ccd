// The portable implementation: the compiler's default ISA. Same shape as isa_avx2.cpp, without the region.

#include <cstdint>

#include "kernels/kernels.h"
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace recfast::baseline {

namespace {

#include "kernels/cpu/bytes-inl.h"
#include "kernels/cpu/compare_lanes-inl.h"
#include "kernels/cpu/simd_baseline.h"

// After V.
#include "kernels/cpu/wide_pair-inl.h"

// After W.
#include "kernels/cpu/kernels-inl.h"

}  // namespace

extern const KernelTable kTable;
const KernelTable kTable = {
    "baseline",
#define RECFAST_KERNEL(name, ...) name,
#include "kernels/kernels.def"
#undef RECFAST_KERNEL
};

}  // namespace recfast::baseline
