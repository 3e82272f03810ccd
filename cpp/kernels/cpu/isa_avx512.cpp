// AVX-512 as CPUs since Ice Lake and Zen 4 have it: F, BW, DQ, VL and VNNI, with all of isa_avx2.cpp. After its
// pattern: all headers, then the region, an unnamed namespace inside.

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstdint>

#include "kernels/kernels.h"

#if defined(__clang__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c,bmi2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c,bmi2")
#endif

namespace recfast::avx512 {

namespace {

#include "kernels/cpu/bytes-inl.h"
#include "kernels/cpu/simd_avx512.h"

// After V and W.
#include "kernels/cpu/kernels-inl.h"

}  // namespace

extern const KernelTable kTable;
const KernelTable kTable = {
    "avx512",
#define RECFAST_KERNEL(name, ...) name,
#include "kernels/kernels.def"
#undef RECFAST_KERNEL
};

}  // namespace recfast::avx512

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif
