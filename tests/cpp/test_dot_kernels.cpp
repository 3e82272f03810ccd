// The kernels of dot_interaction: dot_block, dot_vectors.

#include <algorithm>

#include "cpp/kernel_cases.h"

using namespace recfast;
using namespace recfast::test;

namespace {

// Rows of `size` numbers each, and pointers to them in another order; every pointer may be asked for twice.
struct Lists {
  Lists(int64_t rows, int64_t size, uint32_t seed, bool exact)
      : memory(exact ? integers(rows * size, 9, seed) : normals(rows * size, seed)) {
    for (int64_t r = 0; r < rows; ++r) pointers.push_back(memory.data() + (r * 5 + 2) % rows * size);
  }
  Exact<float> memory;
  std::vector<const float*> pointers;
};

int64_t padded(int64_t lanes) {
  return (lanes + 7) / 8 * 8;
}

}  // namespace

TEST(dot_block_is_every_product_of_two_lists) {
  for_each_isa([](const KernelTable& kernels) {
    for (int64_t dim : {0, 1, 7, 16, 85})
      for (int64_t lanes : {0, 1, 7, 8, 9, 15, 16, 17, 24, 31, 33})
        for (int64_t count : {0, 1, 2, 5, 6, 7, 13})
          for (int64_t rows : {1, 3}) {
            at(kernels, {dim, lanes, count, rows});
            const Lists left(rows, dim * padded(lanes), 1, true);
            const Lists right(rows, count * dim, 2, true);
            const int64_t step = lanes + 1;
            const int64_t stride = count * step + 2;
            Exact<float> y = sentinels(rows, stride);
            kernels.dot_block(left.pointers.data(), lanes, right.pointers.data(), count, rows, dim, y.data(), stride,
                              step);
            bool equal = true;
            for (int64_t r = 0; r < rows; ++r) {
              const float* a = left.pointers[static_cast<size_t>(r)];
              const float* b = right.pointers[static_cast<size_t>(r)];
              for (int64_t j = 0; j < count; ++j) {
                for (int64_t i = 0; i < lanes; ++i) {
                  float sum = 0;
                  for (int64_t k = 0; k < dim; ++k) sum += a[k * padded(lanes) + i] * b[j * dim + k];
                  equal &= y[r * stride + j * step + i] == sum;
                }
                equal &= y[r * stride + j * step + lanes] == kSentinel;
              }
            }
            CHECK(equal);
            CHECK(untouched(y, rows, count * step, stride));
          }
  });
}

TEST(dot_vectors_is_one_vector_with_a_list) {
  for_each_isa([](const KernelTable& kernels) {
    for (int64_t dim : kSizes)
      for (int64_t count : {0, 1, 2, 7})
        for (int64_t rows : {0, 1, 3})
          for (int64_t step : {1, 3}) {
            at(kernels, {dim, count, rows, step});
            const Lists left(rows, dim, 1, true);
            const Lists right(rows, count * dim, 2, true);
            const int64_t stride = count * step + 1;
            Exact<float> y = sentinels(rows, stride);
            kernels.dot_vectors(left.pointers.data(), right.pointers.data(), count, rows, dim, y.data(), stride, step);
            bool equal = true;
            for (int64_t r = 0; r < rows; ++r)
              for (int64_t at = 0; at < stride; ++at) {
                float expected = kSentinel;
                if (at % step == 0 && at / step < count) {
                  expected = 0;
                  for (int64_t k = 0; k < dim; ++k) {
                    expected += left.pointers[static_cast<size_t>(r)][k] *
                                right.pointers[static_cast<size_t>(r)][at / step * dim + k];
                  }
                }
                equal &= y[r * stride + at] == expected;
              }
            CHECK(equal);
          }
  });
}

TEST(dot_kernels_are_within_their_bounds_wherever_a_row_and_a_vector_stand) {
  for_each_isa([](const KernelTable& kernels) {
    const int64_t dim = 85;
    const int64_t lanes = 19;
    const int64_t count = 9;
    const int64_t rows = 7;
    const Lists left(rows, dim * padded(lanes), 1, false);
    const Lists plain(rows, dim, 3, false);
    const Lists right(rows, count * dim, 2, false);
    Exact<float> block(rows * count * lanes);
    Exact<float> row(rows * count);
    kernels.dot_block(left.pointers.data(), lanes, right.pointers.data(), count, rows, dim, block.data(), count * lanes,
                      lanes);
    kernels.dot_vectors(plain.pointers.data(), right.pointers.data(), count, rows, dim, row.data(), count, 1);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t j = 0; j < count; ++j) {
        at(kernels, {r, j});
        const float* b = right.pointers[static_cast<size_t>(r)] + j * dim;
        Exact<float> one(lanes);
        kernels.dot_block(left.pointers.data() + r, lanes, &b, 1, 1, dim, one.data(), lanes, lanes);
        CHECK(same_bits(one.data(), block.data() + (r * count + j) * lanes, lanes));
        float alone = 0;
        kernels.dot_vectors(plain.pointers.data() + r, &b, 1, 1, dim, &alone, 1, 1);
        CHECK(same_bits(&alone, row.data() + r * count + j, 1));
        const auto within = [&](const float* a, int64_t step, float got, double terms) {
          double value = 0;
          double magnitude = 0;
          for (int64_t k = 0; k < dim; ++k) {
            const double product = static_cast<double>(a[k * step]) * b[k];
            value += product;
            magnitude += std::abs(product);
          }
          CHECK(std::abs(got - value) <= 2.0 * terms * kEps * magnitude);
        };
        for (int64_t i = 0; i < lanes; ++i)
          within(left.pointers[static_cast<size_t>(r)] + i, padded(lanes), one[i], static_cast<double>(dim));
        within(plain.pointers[static_cast<size_t>(r)], 1, alone, static_cast<double>(dim) / 8 + 5);
      }
  });
}
