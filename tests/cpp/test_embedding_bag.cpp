#include <algorithm>
#include <limits>

#include "base/half.h"
#include "cpp/kernel_cases.h"
#include "table/row_format.h"

using namespace recfast;
using namespace recfast::test;

namespace {

constexpr RowFormat kFormats[] = {RowFormat::kF32, RowFormat::kF16, RowFormat::kI8, RowFormat::kI4};
constexpr int64_t kTableRows = 23;

// A table of random rows that ends exactly where its memory ends, and what it holds.
struct Rows {
  RowFormat format;
  int64_t dim, bytes;
  Exact<uint8_t> memory;
  std::vector<float> values;

  // small: integers, so that sums are exact. Otherwise arbitrary numbers.
  Rows(RowFormat format, int64_t dim, bool small)
      : format(format), dim(dim), bytes(row_bytes(format, dim)), memory(kTableRows * bytes) {
    std::mt19937 generator(static_cast<uint32_t>(dim) + 7);
    std::uniform_int_distribution<int> any(-9, 9);
    std::normal_distribution<float> normal;
    for (int64_t r = 0; r < kTableRows; ++r) {
      uint8_t* row = memory.data() + r * bytes;
      const uint16_t scale = float_to_half(small ? static_cast<float>(1 + r % 3) : 0.013f);
      const uint16_t offset = float_to_half(small ? static_cast<float>(any(generator)) : normal(generator));
      for (int64_t d = 0; d < dim; ++d) {
        const float x = small ? static_cast<float>(any(generator)) : normal(generator);
        const uint16_t h = float_to_half(x);
        const auto code = static_cast<uint8_t>(generator() % 256);
        switch (format) {
          case RowFormat::kF32:
            std::memcpy(row + 4 * d, &x, 4);
            values.push_back(x);
            break;
          case RowFormat::kF16:
            std::memcpy(row + 2 * d, &h, 2);
            values.push_back(half_to_float(h));
            break;
          case RowFormat::kI8:
            row[d] = code;
            values.push_back(
                static_cast<float>(static_cast<double>(code) * half_to_float(scale) + half_to_float(offset)));
            break;
          case RowFormat::kI4:
            row[d / 2] |= static_cast<uint8_t>((code & 15) << (4 * (d % 2)));
            values.push_back(
                static_cast<float>(static_cast<double>(code & 15) * half_to_float(scale) + half_to_float(offset)));
            break;
        }
      }
      if (format == RowFormat::kI8 || format == RowFormat::kI4) {
        std::memcpy(row + bytes - 4, &scale, 2);
        std::memcpy(row + bytes - 2, &offset, 2);
      }
    }
  }

  double value(int64_t row, int64_t d) const { return values[static_cast<size_t>(row * dim + d)]; }
};

Exact<int64_t> random_ids(int64_t n) {
  std::mt19937 generator(11);
  Exact<int64_t> ids(n);
  for (int64_t i = 0; i < n; ++i) ids[i] = static_cast<int64_t>(generator() % kTableRows);
  return ids;
}

// Bags of these lengths: offsets [bags + 1].
Exact<int64_t> offsets_of(const std::vector<int64_t>& lengths) {
  Exact<int64_t> offsets(static_cast<int64_t>(lengths.size()) + 1);
  for (size_t b = 0; b < lengths.size(); ++b) {
    const auto i = static_cast<int64_t>(b);
    offsets[i + 1] = offsets[i] + lengths[b];
  }
  return offsets;
}

const std::vector<int64_t> kDims = {1, 3, 4, 5, 7, 8, 9, 16, 24, 31, 32, 33, 64, 85, 128, 163, 700};

}  // namespace

TEST(rows_are_the_dequantised_rows_bit_for_bit) {
  for_each_isa([](const KernelTable& kernels) {
    for (RowFormat format : kFormats)
      for (int64_t dim : kDims)
        for (int64_t n : {0, 1, 7, 40}) {
          at(kernels, {static_cast<int64_t>(format), dim, n});
          const Rows table(format, dim, false);
          const Exact<int64_t> ids = random_ids(n);
          Exact<float> out = sentinels(n, dim + 2);
          rows_kernel(kernels, format)(table.memory.data(), table.bytes, dim, ids.data(), n, out.data(), dim + 2);
          bool equal = true;
          for (int64_t i = 0; i < n; ++i)
            equal &= same_bits(out.data() + i * (dim + 2), table.values.data() + ids[i] * dim, dim);
          CHECK(equal);
          CHECK(untouched(out, n, dim, dim + 2));
        }
  });
}

TEST(bags_are_exact_on_integers) {
  const std::vector<std::vector<int64_t>> cases = {{}, {0}, {1}, {0, 3, 0, 0, 1, 20, 1, 0}, {40}, {1, 1, 1, 1, 1}};
  for_each_isa([&](const KernelTable& kernels) {
    for (RowFormat format : kFormats)
      for (int64_t dim : kDims) {
        const Rows table(format, dim, true);
        for (const auto& lengths : cases) {
          const Exact<int64_t> offsets = offsets_of(lengths);
          const auto bags = static_cast<int64_t>(lengths.size());
          const int64_t n = offsets[bags];
          const Exact<int64_t> ids = random_ids(n);
          const Exact<float> weights = integers(n, 3, 5);
          for (Pooling pooling : {Pooling::kSum, Pooling::kMean, Pooling::kMax})
            for (bool weighted : {false, true}) {
              if (weighted && pooling == Pooling::kMax) continue;
              at(kernels, {static_cast<int64_t>(format), dim, bags, n, static_cast<int64_t>(pooling), weighted});
              Exact<float> out = sentinels(bags, dim + 2);
              bag_kernel(kernels, format)(table.memory.data(), table.bytes, dim, ids.data(), offsets.data(), bags,
                                          weighted ? weights.data() : nullptr, pooling, out.data(), dim + 2);
              bool equal = true;
              for (int64_t b = 0; b < bags; ++b)
                for (int64_t d = 0; d < dim; ++d) {
                  const int64_t length = lengths[static_cast<size_t>(b)];
                  double sum = 0;
                  double most = length > 0 ? -std::numeric_limits<double>::infinity() : 0.0;
                  for (int64_t i = offsets[b]; i < offsets[b + 1]; ++i) {
                    const double value = table.value(ids[i], d);
                    sum += value * (weighted ? weights[i] : 1.0f);
                    most = std::max(most, value);
                  }
                  const float expected = pooling == Pooling::kMax ? static_cast<float>(most)
                                         : pooling == Pooling::kMean && length > 0
                                             ? static_cast<float>(sum) / static_cast<float>(length)
                                             : static_cast<float>(sum);
                  equal &= out[b * (dim + 2) + d] == expected;
                }
              CHECK(equal);
              CHECK(untouched(out, bags, dim, dim + 2));
            }
        }
      }
  });
}

TEST(bags_keep_their_bound_and_a_bag_of_one_is_its_row) {
  for_each_isa([](const KernelTable& kernels) {
    for (RowFormat format : kFormats)
      for (int64_t dim : {int64_t{5}, int64_t{32}, int64_t{85}}) {
        const Rows table(format, dim, false);
        const Exact<int64_t> offsets = offsets_of({50, 1});
        const Exact<int64_t> ids = random_ids(51);
        const Exact<float> weights = normals(51, 3);
        Exact<float> out = sentinels(2, dim);
        const auto run = [&](const float* w) {
          bag_kernel(kernels, format)(table.memory.data(), table.bytes, dim, ids.data(), offsets.data(), 2, w,
                                      Pooling::kSum, out.data(), dim);
        };
        run(weights.data());
        for (int64_t d = 0; d < dim; ++d) {
          at(kernels, {static_cast<int64_t>(format), dim, d});
          double sum = 0;
          double magnitude = 0;
          for (int64_t i = 0; i < 50; ++i) {
            sum += weights[i] * table.value(ids[i], d);
            magnitude += std::abs(weights[i] * table.value(ids[i], d));
          }
          CHECK(std::abs(out[d] - sum) <= 2.0 * 52 * kEps * magnitude);
        }
        run(nullptr);
        CHECK(same_bits(out.data() + dim, table.values.data() + ids[50] * dim, dim));
      }
  });
}

TEST(the_maximum_with_nan_is_the_later_row) {
  for_each_isa([](const KernelTable& kernels) {
    for (int64_t dim : {3, 8, 70}) {
      at(kernels, {dim});
      Exact<float> table(2 * dim);
      for (int64_t d = 0; d < dim; ++d) table[d] = NAN, table[dim + d] = 1.0f;
      const Exact<int64_t> offsets = offsets_of({2, 2});
      Exact<int64_t> ids(4);
      ids[1] = ids[2] = 1;  // bags (NaN, 1) and (1, NaN)
      Exact<float> out = sentinels(2, dim);
      kernels.embedding_bag_f32(reinterpret_cast<const uint8_t*>(table.data()), 4 * dim, dim, ids.data(),
                                offsets.data(), 2, nullptr, Pooling::kMax, out.data(), dim);
      for (int64_t d = 0; d < dim; ++d) CHECK(out[d] == 1.0f && std::isnan(out[dim + d]));
    }
  });
}

TEST(every_f16_is_converted_like_the_scalar_one) {
  for_each_isa([](const KernelTable& kernels) {
    Exact<uint8_t> memory(2 * 65536);
    for (int64_t h = 0; h < 65536; ++h) {
      const auto bits = static_cast<uint16_t>(h);
      std::memcpy(memory.data() + 2 * h, &bits, 2);
    }
    for (int64_t dim : {int64_t{1}, int64_t{4}, int64_t{8}}) {
      const int64_t rows = 65536 / dim;
      Exact<int64_t> ids(rows);
      for (int64_t i = 0; i < rows; ++i) ids[i] = i;
      Exact<float> out(65536);
      kernels.rows_f16(memory.data(), 2 * dim, dim, ids.data(), rows, out.data(), dim);
      for (int64_t h = 0; h < 65536; ++h) {
        at(kernels, {dim, h});
        const float expected = half_to_float(static_cast<uint16_t>(h));
        CHECK(same_bits(out.data() + h, &expected, 1));
      }
    }
  });
}
