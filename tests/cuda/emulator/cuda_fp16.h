#pragma once
// Half floats as CUDA names them.

#include "base/half.h"
#include "cuda_runtime.h"

struct __half {
  uint16_t bits;
};

inline __half __ushort_as_half(uint16_t bits) {
  return {bits};
}
inline float __half2float(__half value) {
  return recfast::half_to_float(value.bits);
}
