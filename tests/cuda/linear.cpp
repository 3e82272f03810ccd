// linear against a loop in the same order. Bit-equal.

#include <cmath>

#include "cpp/check.h"
#include "cuda/device.h"
#include "kernels/cuda/layers.h"

namespace recfast::cuda::test {
namespace {

using recfast::test::context;

void compare(int64_t rows, int64_t in, int64_t out, bool bias, bool accumulate, bool relu) {
  context = std::to_string(rows) + " rows, " + std::to_string(in) + " -> " + std::to_string(out) +
            (bias ? ", bias" : "") + (accumulate ? ", accumulate" : "") + (relu ? ", relu" : "");
  const int64_t x = 3, y = x + in + 2, stride = y + out + 1;
  std::vector<float> values = any_floats(rows * stride);
  if (rows > 2) values[static_cast<size_t>(2 * stride + x)] = NAN;
  const std::vector<float> weights = any_floats(in * out), biases = any_floats(out);
  const Array<float> frame(values), w(weights), b(biases);
  ok(linear({.frame = {frame.data(), stride},
             .rows = rows,
             .weights = w.data(),
             .bias = bias ? b.data() : nullptr,
             .in = in,
             .out = out,
             .x = x,
             .y = y,
             .accumulate = accumulate,
             .relu = relu},
            nullptr));
  const std::vector<float> found = frame.host();
  bool equal = true;
  for (int64_t r = 0; r < rows; ++r) {
    float* row = values.data() + r * stride;
    for (int64_t o = 0; o < out; ++o) {
      float sum = bias ? biases[static_cast<size_t>(o)] : 0.0f;
      if (accumulate) sum += row[y + o];
      for (int64_t i = 0; i < in; ++i) sum = std::fmaf(row[x + i], weights[static_cast<size_t>(i * out + o)], sum);
      row[y + o] = relu && 0.0f > sum ? 0.0f : sum;
    }
    for (int64_t c = 0; c < stride; ++c) {  // what is beside the output stays, too
      const float got = found[static_cast<size_t>(r * stride + c)];
      equal &= std::isnan(row[c]) ? std::isnan(got) : got == row[c];
    }
  }
  CHECK(equal);
}

TEST(layers_of_every_size) {
  for (const int64_t rows : {1, 31, 32, 33, 100}) {
    for (const int64_t in : {1, 15, 16, 17, 40}) {
      for (const int64_t out : {1, 8, 15, 16, 17, 64, 65, 130}) {
        if (small() && (rows != 33 || in != 17)) continue;
        compare(rows, in, out, true, false, true);
      }
    }
  }
  compare(0, 16, 64, true, false, true);
}

TEST(bias_accumulation_and_activation) {
  for (const int64_t out : {8, 72}) {
    for (const bool bias : {false, true})
      for (const bool accumulate : {false, true})
        for (const bool relu : {false, true}) compare(37, 21, out, bias, accumulate, relu);
  }
}

}  // namespace
}  // namespace recfast::cuda::test
