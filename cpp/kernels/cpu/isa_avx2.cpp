// AVX2 + FMA + F16C + BMI2. Compiled with the baseline flags: only what lies between push and pop is AVX2 code.
// Every header with code in it is included before the region, or its inline functions would be compiled for AVX2 and
// the linker might give them to everybody. Everything inside is in an unnamed namespace for the same reason.

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstdint>

#include "kernels/kernels.h"

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,bmi2")
#endif

namespace recfast::avx2 {

namespace {

#include "kernels/cpu/bytes-inl.h"
#include "kernels/cpu/simd_avx2.h"

// After V.
#include "kernels/cpu/wide_pair-inl.h"

// After W.
#include "kernels/cpu/kernels-inl.h"

}  // namespace

extern const KernelTable kTable;
const KernelTable kTable = {
    "avx2",
#define RECFAST_KERNEL(name, ...) name,
#include "kernels/kernels.def"
#undef RECFAST_KERNEL
};

}  // namespace recfast::avx2

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif
