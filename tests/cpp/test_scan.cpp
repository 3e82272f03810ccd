#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "base/blocks.h"
#include "base/half.h"
#include "cpp/kernel_cases.h"

using namespace recfast;
using namespace recfast::test;

namespace {

const std::vector<int64_t> kDims = {1, 2, 3, 7, 8, 9, 16, 30, 64, 85, 163};
// Rows of a block, and those of its groups that are scanned.
struct Part {
  int64_t rows;
  std::vector<uint8_t> groups;
};

std::vector<Part> parts() {
  std::vector<uint8_t> all(kBlockRows / kGroupRows);
  std::iota(all.begin(), all.end(), uint8_t{0});
  return {{1, {0}},  {7, {0}},    {8, {0}},       {9, {0, 1}}, {64, {1, 4, 7}},
          {163, {}}, {163, {20}}, {256, {3, 31}}, {256, all}};
}

bool scanned(const Part& part, int64_t row) {
  return std::find(part.groups.begin(), part.groups.end(), row / kGroupRows) != part.groups.end();
}

// Every scanned row's dots are as expected(q, row), the others as they were. tolerance(q, row): of the difference.
template <class Expected, class Tolerance>
void check_dots(const Exact<float>& dots, const Part& part, int64_t queries, Expected&& expected,
                Tolerance&& tolerance) {
  for (int64_t q = 0; q < queries; ++q) {
    for (int64_t row = 0; row < kBlockRows; ++row) {
      const float found = dots[q * kBlockRows + row];
      if (!scanned(part, row)) {
        CHECK(found == kSentinel);
      } else if (row < part.rows) {
        CHECK(std::fabs(static_cast<double>(found) - expected(q, row)) <= tolerance(q, row));
      }
    }
  }
}

int64_t whole(int64_t rows) {
  return (rows + kGroupRows - 1) / kGroupRows * kGroupRows;
}

}  // namespace

TEST(scan_i8_is_exact) {
  std::mt19937 generator(1);
  for_each_isa([&](const KernelTable& kernels) {
    for (const int64_t dim : kDims) {
      const int64_t pairs = (dim + 1) / 2;
      for (const Part& part : parts()) {
        const int64_t levels = std::min<int64_t>(32767, 2147483647 / (127 * 2 * pairs));
        std::uniform_int_distribution<int> code(-127, 127);
        std::uniform_int_distribution<int> level(static_cast<int>(-levels), static_cast<int>(levels));
        Exact<int8_t> codes(whole(part.rows) * 2 * pairs);
        Exact<int16_t> queries(9 * 2 * pairs);
        for (int64_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<int8_t>(code(generator));
        for (int64_t i = 0; i < queries.size(); ++i) queries[i] = static_cast<int16_t>(level(generator));
        for (int64_t p = 0; p < 2 * pairs; ++p) {  // the largest sum that there is
          codes[p / 2 * 16 + p % 2] = -127;
          queries[p] = static_cast<int16_t>(-levels);
        }
        const auto expected = [&](int64_t q, int64_t row) {
          int64_t sum = 0;
          for (int64_t d = 0; d < 2 * pairs; ++d)
            sum += int64_t{codes[row / 8 * 16 * pairs + d / 2 * 16 + row % 8 * 2 + d % 2]} * queries[q * 2 * pairs + d];
          return static_cast<double>(static_cast<float>(sum));
        };
        for (int64_t count = 1; count <= 9; ++count) {
          at(kernels, {dim, part.rows, count});
          Exact<float> dots = sentinels(count, kBlockRows);
          kernels.scan_i8(codes.data(), pairs, part.groups.data(), static_cast<int64_t>(part.groups.size()),
                          queries.data(), count, dots.data());
          check_dots(dots, part, count, expected, [](int64_t, int64_t) { return 0.0; });
        }
      }
    }
  });
}

TEST(scan_f16_is_bounded) {
  for_each_isa([](const KernelTable& kernels) {
    for (const int64_t dim : kDims) {
      for (const Part& part : parts()) {
        const Exact<float> values = normals(whole(part.rows) * dim, 2);
        const Exact<float> queries = normals(9 * dim, 3);
        Exact<uint16_t> codes(values.size());
        for (int64_t i = 0; i < codes.size(); ++i) codes[i] = float_to_half(values[i]);
        const auto product = [&](int64_t q, int64_t row, int64_t d) {
          return static_cast<double>(half_to_float(codes[row / 8 * 8 * dim + d * 8 + row % 8])) * queries[q * dim + d];
        };
        for (int64_t count = 1; count <= 9; ++count) {
          at(kernels, {dim, part.rows, count});
          Exact<float> dots = sentinels(count, kBlockRows);
          kernels.scan_f16(reinterpret_cast<const uint8_t*>(codes.data()), dim, part.groups.data(),
                           static_cast<int64_t>(part.groups.size()), queries.data(), count, dots.data());
          const auto sum = [&](int64_t q, int64_t row, bool absolute) {
            double total = 0;
            for (int64_t d = 0; d < dim; ++d) total += absolute ? std::fabs(product(q, row, d)) : product(q, row, d);
            return total;
          };
          check_dots(
              dots, part, count, [&](int64_t q, int64_t row) { return sum(q, row, false); },
              [&](int64_t q, int64_t row) { return static_cast<double>(dim) * kEps * sum(q, row, true); });
        }
      }
    }
  });
}

TEST(scan_f32_reads_rows_where_they_are) {
  for_each_isa([](const KernelTable& kernels) {
    for (const int64_t dim : kDims) {
      for (const Part& part : parts()) {
        for (const int64_t stride : {dim, dim + 3}) {
          // The memory ends behind the last row.
          const Exact<float> vectors = integers((part.rows - 1) * stride + dim, 9, 4);
          const Exact<float> queries = integers(9 * dim, 9, 5);
          const auto expected = [&](int64_t q, int64_t row) {
            double sum = 0;
            for (int64_t d = 0; d < dim; ++d) sum += vectors[row * stride + d] * queries[q * dim + d];
            return sum;
          };
          for (int64_t count = 1; count <= 9; ++count) {
            at(kernels, {dim, part.rows, stride, count});
            Exact<float> dots = sentinels(count, kBlockRows);
            kernels.scan_f32(vectors.data(), stride, part.rows, dim, part.groups.data(),
                             static_cast<int64_t>(part.groups.size()), queries.data(), count, dots.data());
            check_dots(dots, part, count, expected, [](int64_t, int64_t) { return 0.0; });
          }
        }
      }
    }
  });
}

TEST(row_products_of_rows_anywhere) {
  for_each_isa([](const KernelTable& kernels) {
    for (const int64_t dim : kDims) {
      for (const int64_t count : {0, 1, 2, 7, 8, 9, 40}) {
        at(kernels, {dim, count});
        const Exact<float> vectors = integers(11 * dim, 9, 8);  // the memory ends behind the last row
        const Exact<float> query = integers(dim, 9, 9);
        std::vector<const float*> rows;
        for (int64_t r = 0; r < count; ++r) rows.push_back(vectors.data() + (r * 7 + 10) % 11 * dim);
        Exact<float> dots(count);
        Exact<float> squares(count);
        kernels.row_products(rows.data(), count, dim, query.data(), dots.data(), squares.data());
        for (int64_t r = 0; r < count; ++r) {
          float dot = 0;
          float square = 0;
          for (int64_t d = 0; d < dim; ++d) {
            const float x = rows[static_cast<size_t>(r)][d];
            dot += x * query[d];
            square += x * x;
          }
          CHECK(dots[r] == dot);
          CHECK(squares[r] == square);
        }
      }
    }
  });
}

TEST(a_row_has_the_same_bits_whatever_is_scanned_with_it) {
  for_each_isa([](const KernelTable& kernels) {
    constexpr int64_t kDim = 85;
    const Exact<float> values = normals(kBlockRows * kDim, 6);
    const Exact<float> queries = normals(7 * kDim, 7);
    Exact<uint16_t> codes(values.size());
    for (int64_t i = 0; i < codes.size(); ++i) codes[i] = float_to_half(values[i]);
    std::vector<uint8_t> all(kBlockRows / kGroupRows);
    std::iota(all.begin(), all.end(), uint8_t{0});
    const auto scan = [&](bool halves, const std::vector<uint8_t>& groups, int64_t q, int64_t count) {
      Exact<float> dots = sentinels(count, kBlockRows);
      const auto size = static_cast<int64_t>(groups.size());
      if (halves) {
        kernels.scan_f16(reinterpret_cast<const uint8_t*>(codes.data()), kDim, groups.data(), size,
                         queries.data() + q * kDim, count, dots.data());
      } else {
        kernels.scan_f32(values.data(), kDim, kBlockRows, kDim, groups.data(), size, queries.data() + q * kDim, count,
                         dots.data());
      }
      return dots;
    };
    for (const bool halves : {false, true}) {
      at(kernels, {halves});
      const Exact<float> together = scan(halves, all, 0, 7);
      for (int64_t q = 0; q < 7; ++q) {
        const Exact<float> alone = scan(halves, {9, 22}, q, 1);
        for (const int64_t group : {9, 22}) {
          CHECK(same_bits(alone.data() + group * kGroupRows, together.data() + q * kBlockRows + group * kGroupRows,
                          kGroupRows));
        }
      }
    }
  });
}

TEST(upper_bounds_follow_the_formula) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Bound bound{.step = 2, .spread = 3, .reach = 0.5f, .unit = 4, .constant = 1};
  for_each_isa([&](const KernelTable& kernels) {
    for (const Part& part : parts()) {
      const int64_t lanes = whole(part.rows);
      const Exact<float> dots = integers(lanes, 50, 8);
      const Exact<float> scale = integers(lanes, 5, 9);
      Exact<float> slack = integers(lanes, 20, 10);
      const Exact<float> bias = integers(lanes, 9, 11);
      if (lanes > 8) slack[9] = kInfinity;
      if (lanes > 40) slack[40] = NAN;
      for (const bool scaled : {false, true}) {
        for (const bool biased : {false, true}) {
          for (const float bar : {-kInfinity, -7.0f, 0.0f, 103.0f, kInfinity}) {
            at(kernels, {part.rows, scaled, biased});
            Exact<float> upper = sentinels(1, kBlockRows);
            std::array<uint64_t, kBlockWords> reached = {7, 7, 7, 7};
            const bool any =
                kernels.upper_bounds(dots.data(), part.groups.data(), static_cast<int64_t>(part.groups.size()),
                                     scaled ? scale.data() : nullptr, slack.data(), biased ? bias.data() : nullptr,
                                     bound, bar, upper.data(), reached.data());
            bool expected_any = false;
            for (int64_t row = 0; row < kBlockRows; ++row) {
              const bool bit = (reached[static_cast<size_t>(row / 64)] >> (row % 64) & 1) != 0;
              if (!scanned(part, row)) {
                CHECK(!bit && upper[row] == kSentinel);
                continue;
              }
              const float expected = (scaled ? scale[row] : 1) * (2 * dots[row] + 3) + slack[row] * 0.5f +
                                     ((biased ? bias[row] * 4 : 0) + 1);
              CHECK(upper[row] == expected || (std::isnan(upper[row]) && std::isnan(expected)));
              CHECK(bit == !(expected < bar));
              expected_any = expected_any || bit;
            }
            CHECK(any == expected_any);
          }
        }
      }
    }
  });
}
