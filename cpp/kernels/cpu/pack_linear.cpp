#include "kernels/kernels.h"

namespace recfast {

void pack_linear(const float* weights, int64_t weights_stride, int64_t in, int64_t out, float* packed) noexcept {
  for (int64_t panel = 0; panel < out; panel += kPanel)
    for (int64_t k = 0; k < in; ++k)
      for (int64_t j = 0; j < kPanel; ++j) {
        const int64_t o = panel + j;
        *packed++ = o < out ? weights[o * weights_stride + k] : 0.0f;
      }
}

}  // namespace recfast
