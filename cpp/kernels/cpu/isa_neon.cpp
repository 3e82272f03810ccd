// NEON with conversions from binary16: what every aarch64 CPU has, so there is no region to enter. Same shape as
// isa_avx2.cpp otherwise.

#if defined(__aarch64__)

#include <arm_neon.h>

#include <cstdint>

#include "kernels/kernels.h"

namespace recfast::neon {

namespace {

#include "kernels/cpu/bytes-inl.h"
#include "kernels/cpu/compare_lanes-inl.h"
#include "kernels/cpu/simd_neon.h"

// After V.
#include "kernels/cpu/wide_pair-inl.h"

// After W.
#include "kernels/cpu/kernels-inl.h"

}  // namespace

extern const KernelTable kTable;
const KernelTable kTable = {
    "neon",
#define RECFAST_KERNEL(name, ...) name,
#include "kernels/kernels.def"
#undef RECFAST_KERNEL
};

}  // namespace recfast::neon

#endif
