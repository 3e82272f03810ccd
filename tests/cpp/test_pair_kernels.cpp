// The kernels between gathered rows: join_rows, dot_rows, fm, cross.

#include <algorithm>

#include "cpp/kernel_cases.h"

using namespace recfast;
using namespace recfast::test;

namespace {

// Pointers to rows of x in a scattered order.
std::vector<const float*> scattered(const Exact<float>& x, int64_t rows, int64_t width) {
  std::vector<const float*> pointers;
  for (int64_t r = 0; r < rows; ++r) pointers.push_back(x.data() + (r * 5 + 2) % rows * width);
  return pointers;
}

}  // namespace

TEST(join_rows_adds_and_activates) {
  for_each_isa([](const KernelTable& kernels) {
    for (int64_t width : kSizes)
      for (int64_t rows : {0, 1, 6, 7}) {
        at(kernels, {width, rows});
        const Exact<float> x = integers(rows * width, 9, 1);
        const Exact<float> z = integers(width, 9, 2);
        const auto a = scattered(x, rows, width);
        const std::vector<const float*> b(static_cast<size_t>(rows), z.data());
        for (int mode = 0; mode < 4; ++mode) {
          const bool two = mode % 2 == 1;
          const bool relu = mode >= 2;
          Exact<float> y = sentinels(rows, width + 2);
          kernels.join_rows(a.data(), two ? b.data() : nullptr, rows, width, relu, y.data(), width + 2);
          bool equal = true;
          for (int64_t r = 0; r < rows; ++r)
            for (int64_t d = 0; d < width; ++d) {
              const float sum = a[static_cast<size_t>(r)][d] + (two ? z[d] : 0.0f);
              equal &= y[r * (width + 2) + d] == (relu ? std::max(sum, 0.0f) : sum);
            }
          CHECK(equal);
          CHECK(untouched(y, rows, width, width + 2));
        }
      }
  });
}

TEST(relu_keeps_nan_and_the_sign_of_zero) {
  for_each_isa([](const KernelTable& kernels) {
    for (int64_t width : {2, 8, 10}) {
      at(kernels, {width});
      Exact<float> x(width);
      Exact<float> y = sentinels(1, width);
      for (int64_t d = 0; d < width; ++d) x[d] = d % 2 == 0 ? NAN : -0.0f;
      const float* row = x.data();
      kernels.join_rows(&row, nullptr, 1, width, true, y.data(), width);
      CHECK(same_bits(y.data(), x.data(), width));
    }
  });
}

TEST(dot_rows_adds_one_product_per_row) {
  for_each_isa([](const KernelTable& kernels) {
    for (int64_t width : kSizes)
      for (int64_t rows : {0, 1, 6, 7}) {
        at(kernels, {width, rows});
        const Exact<float> x = integers(rows * width, 9, 1);
        const Exact<float> z = integers(width, 9, 2);
        const auto a = scattered(x, rows, width);
        const std::vector<const float*> b(static_cast<size_t>(rows), z.data());
        Exact<float> out = sentinels(rows, 1);
        kernels.dot_rows(a.data(), b.data(), rows, width, out.data());
        for (int64_t r = 0; r < rows; ++r) {
          float sum = kSentinel;
          for (int64_t d = 0; d < width; ++d) sum += a[static_cast<size_t>(r)][d] * z[d];
          CHECK(out[r] == sum);
        }
      }
  });
}

TEST(fm_is_half_of_square_of_sum_minus_sum_of_squares) {
  for_each_isa([](const KernelTable& kernels) {
    for (int64_t dim : kSizes)
      for (int64_t fields : {0, 1, 5})
        for (int64_t rows : {0, 1, 3}) {
          at(kernels, {dim, fields, rows});
          const int64_t stride = fields * dim + 1;
          const Exact<float> x = integers(std::max<int64_t>(rows * stride - 1, 0), 4, 1);
          Exact<float> sum = sentinels(rows, dim + 3);
          Exact<float> term = sentinels(rows, 2);
          kernels.fm(x.data(), stride, rows, fields, dim, sum.data(), dim + 3, term.data(), 2);
          for (int64_t r = 0; r < rows; ++r) {
            double expected = 0;
            for (int64_t d = 0; d < dim; ++d) {
              double s = 0;
              double squares = 0;
              for (int64_t f = 0; f < fields; ++f) {
                const double v = x[r * stride + f * dim + d];
                s += v;
                squares += v * v;
              }
              expected += 0.5 * (s * s - squares);
              CHECK(sum[r * (dim + 3) + d] == s);
            }
            CHECK(term[r * 2] == expected);
          }
          CHECK(untouched(sum, rows, dim, dim + 3));
          CHECK(untouched(term, rows, 1, 2));
          Exact<float> again = sentinels(rows, 1);
          kernels.fm(x.data(), stride, rows, fields, dim, nullptr, 0, again.data(), 1);
          for (int64_t r = 0; r < rows; ++r) CHECK(again[r] == term[r * 2]);
        }
  });
}

TEST(cross_multiplies_and_adds_also_in_place) {
  for_each_isa([](const KernelTable& kernels) {
    for (int64_t width : kSizes)
      for (int64_t rows : {0, 1, 3}) {
        at(kernels, {width, rows});
        const Exact<float> x0 = integers(rows * width, 9, 1);
        const Exact<float> z = integers(rows * width, 9, 2);
        Exact<float> xl = integers(rows * width, 9, 3);
        Exact<float> y = sentinels(rows, width + 1);
        kernels.cross(x0.data(), width, z.data(), width, xl.data(), width, rows, width, y.data(), width + 1);
        for (int64_t r = 0; r < rows; ++r)
          for (int64_t d = 0; d < width; ++d) {
            const int64_t i = r * width + d;
            CHECK(y[r * (width + 1) + d] == x0[i] * z[i] + xl[i]);
          }
        CHECK(untouched(y, rows, width, width + 1));
        kernels.cross(x0.data(), width, z.data(), width, xl.data(), width, rows, width, xl.data(), width);
        for (int64_t r = 0; r < rows; ++r) CHECK(same_bits(xl.data() + r * width, y.data() + r * (width + 1), width));
      }
  });
}

TEST(pair_kernels_do_not_depend_on_the_place_of_a_row) {
  for_each_isa([](const KernelTable& kernels) {
    const int64_t width = 85;
    const int64_t rows = 9;
    const Exact<float> x = normals(rows * width, 1);
    const Exact<float> z = normals(rows * width, 2);
    const auto a = scattered(x, rows, width);
    const auto b = scattered(z, rows, width);
    Exact<float> all(rows);
    kernels.dot_rows(a.data(), b.data(), rows, width, all.data());
    for (int64_t r = 0; r < rows; ++r) {
      at(kernels, {r});
      float one = 0;
      kernels.dot_rows(a.data() + r, b.data() + r, 1, width, &one);
      CHECK(same_bits(&one, all.data() + r, 1));
      double value = 0;
      double magnitude = 0;
      for (int64_t d = 0; d < width; ++d) {
        const double product = static_cast<double>(a[static_cast<size_t>(r)][d]) * b[static_cast<size_t>(r)][d];
        value += product;
        magnitude += std::abs(product);
      }
      CHECK(std::abs(one - value) <= 2.0 * (static_cast<double>(width) / 8 + 5) * kEps * magnitude);
    }
  });
}
