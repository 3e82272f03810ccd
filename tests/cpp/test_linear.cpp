#include <algorithm>

#include "base/aligned.h"
#include "cpp/kernel_cases.h"

using namespace recfast;
using namespace recfast::test;

namespace {

struct Layer {
  int64_t in, out;
  Exact<float> weights, bias;
  AlignedBuffer<float> packed;

  Layer(int64_t in, int64_t out, Exact<float> w, Exact<float> b)
      : in(in), out(out), weights(std::move(w)), bias(std::move(b)), packed(packed_size(in, out)) {
    pack_linear(weights.data(), in, in, out, packed.data());
  }

  // (value, sum of magnitudes) of one output, in f64
  std::pair<double, double> reference(const float* x, int64_t o, double init) const {
    double value = init;
    double magnitude = std::abs(init);
    for (int64_t k = 0; k < in; ++k) {
      value += static_cast<double>(x[k]) * weights[o * in + k];
      magnitude += std::abs(static_cast<double>(x[k]) * weights[o * in + k]);
    }
    return {value, magnitude};
  }
};

const std::vector<int64_t> kRows = {0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 97, 103};

}  // namespace

TEST(linear_is_exact_on_integers) {
  for_each_isa([](const KernelTable& kernels) {
    for (int64_t in : {0, 1, 7, 64, 163})
      for (int64_t out : {1, 8, 15, 16, 17, 33, 85}) {
        const Layer layer(in, out, integers(in * out, 4, 1), integers(out, 4, 2));
        for (int64_t rows : kRows) {
          at(kernels, {in, out, rows});
          const int64_t x_stride = in + 3;
          const int64_t y_stride = packed_width(out) + 5;
          const Exact<float> x = integers(std::max<int64_t>(rows * x_stride - 3, 0), 4, 3);
          for (int mode = 0; mode < 6; ++mode) {
            const bool accumulate = mode % 3 == 2;
            const bool relu = mode >= 3;
            const float* bias = mode % 3 == 1 ? layer.bias.data() : nullptr;
            Exact<float> y = sentinels(rows, y_stride);
            kernels.linear(x.data(), x_stride, rows, in, layer.packed.data(), bias, accumulate, relu, y.data(),
                           y_stride, out, nullptr);
            bool equal = true;
            for (int64_t r = 0; r < rows; ++r)
              for (int64_t o = 0; o < out; ++o) {
                const double init = accumulate ? double{kSentinel} : bias != nullptr ? double{bias[o]} : 0.0;
                const double value = layer.reference(x.data() + r * x_stride, o, init).first;
                equal &= y[r * y_stride + o] == static_cast<float>(relu ? std::max(value, 0.0) : value);
              }
            CHECK(equal);
            CHECK(untouched(y, rows, packed_width(out), y_stride));
          }
        }
      }
  });
}

TEST(linear_keeps_its_bound_and_does_not_depend_on_the_place_of_a_row) {
  for_each_isa([](const KernelTable& kernels) {
    for (const auto& [in, out] : {std::pair<int64_t, int64_t>{13, 40}, {163, 17}, {429, 64}}) {
      const Layer layer(in, out, normals(in * out, 4), normals(out, 5));
      const int64_t width = packed_width(out);
      const int64_t many = 103;
      const Exact<float> x = normals(many * in, 6);
      Exact<float> y = sentinels(many, width);
      const auto run = [&](int64_t first, int64_t rows, float* to) {
        kernels.linear(x.data() + first * in, in, rows, in, layer.packed.data(), layer.bias.data(), false, false, to,
                       width, out, nullptr);
      };
      run(0, many, y.data());
      for (int64_t r = 0; r < many; ++r)
        for (int64_t o = 0; o < out; ++o) {
          at(kernels, {in, out, r, o});
          const auto [value, magnitude] = layer.reference(x.data() + r * in, o, layer.bias[o]);
          CHECK(std::abs(y[r * width + o] - value) <= 2.0 * static_cast<double>(in + 1) * kEps * magnitude);
        }
      for (int64_t rows = 1; rows <= 13; ++rows)
        for (int64_t first : {0, 1, 5}) {
          at(kernels, {in, out, rows, first});
          Exact<float> part = sentinels(rows, width);
          run(first, rows, part.data());
          CHECK(same_bits(part.data(), y.data() + first * width, rows * width));
        }
    }
  });
}

TEST(linear_relu_keeps_nan) {
  for_each_isa([](const KernelTable& kernels) {
    at(kernels, {});
    const Layer layer(1, 1, integers(1, 0, 1), integers(1, 0, 1));
    const float x = NAN;
    Exact<float> y = sentinels(1, 16);
    kernels.linear(&x, 1, 1, 1, layer.packed.data(), nullptr, false, true, y.data(), 16, 1, nullptr);
    CHECK(std::isnan(y[0]));
    kernels.linear_narrow(&x, 1, 1, 1, layer.weights.data(), nullptr, false, true, y.data(), 1, 1, nullptr);
    CHECK(std::isnan(y[0]));
  });
}

TEST(linear_asks_for_the_rows_ahead) {
  for_each_isa([](const KernelTable& kernels) {
    at(kernels, {});
    const Layer layer(64, 48, integers(64 * 48, 4, 1), integers(48, 4, 2));
    const Exact<float> x = integers(30 * 64, 4, 3);
    Exact<float> plain = sentinels(30, 48);
    Exact<float> y = sentinels(30, 48);
    kernels.linear(x.data(), 64, 30, 64, layer.packed.data(), nullptr, false, true, plain.data(), 48, 48, nullptr);
    const std::vector<char> memory(1000);
    const std::vector<Memory> rows(5, {.data = memory.data(), .bytes = 130});
    Ahead ahead{.rows = rows.data(), .count = 5};
    kernels.linear(x.data(), 64, 30, 64, layer.packed.data(), nullptr, false, true, y.data(), 48, 48, &ahead);
    CHECK(ahead.row == 5 && ahead.at == 0);  // 15 lines, of the 60 and more that there was time for
    bool equal = true;
    for (int64_t i = 0; i < 30 * 48; ++i) equal &= y[i] == plain[i];
    CHECK(equal);
  });
}

TEST(linear_narrow_is_exact_on_integers) {
  for_each_isa([](const KernelTable& kernels) {
    for (int64_t in : kSizes)
      for (int64_t out : {1, 2, 7})
        for (int64_t rows : {0, 1, 2, 5}) {
          at(kernels, {in, out, rows});
          const int64_t x_stride = in + 1;
          const int64_t y_stride = out + 2;
          const Layer layer(in, out, integers(in * out, 4, 1), integers(out, 4, 2));
          const Exact<float> x = integers(std::max<int64_t>(rows * x_stride - 1, 0), 4, 3);
          for (int mode = 0; mode < 6; ++mode) {
            const bool accumulate = mode % 3 == 2;
            const bool relu = mode >= 3;
            const float* bias = mode % 3 == 1 ? layer.bias.data() : nullptr;
            Exact<float> y = sentinels(rows, y_stride);
            kernels.linear_narrow(x.data(), x_stride, rows, in, layer.weights.data(), bias, accumulate, relu, y.data(),
                                  y_stride, out, nullptr);
            bool equal = true;
            for (int64_t r = 0; r < rows; ++r)
              for (int64_t o = 0; o < out; ++o) {
                const double init = accumulate ? double{kSentinel} : bias != nullptr ? double{bias[o]} : 0.0;
                const double value = layer.reference(x.data() + r * x_stride, o, init).first;
                equal &= y[r * y_stride + o] == static_cast<float>(relu ? std::max(value, 0.0) : value);
              }
            CHECK(equal);
            CHECK(untouched(y, rows, out, y_stride));
          }
        }
  });
}

TEST(pack_linear_takes_columns_of_a_wider_matrix) {
  const Exact<float> wide = integers(17 * 10, 9, 1);
  AlignedBuffer<float> packed(packed_size(4, 17));
  pack_linear(wide.data() + 3, 10, 4, 17, packed.data());
  context.clear();
  for (int64_t o = 0; o < 32; ++o)
    for (int64_t k = 0; k < 4; ++k) {
      const float expected = o < 17 ? wide[o * 10 + 3 + k] : 0.0f;
      CHECK(packed[static_cast<size_t>(o / 16 * 64 + k * 16 + o % 16)] == expected);
    }
}
