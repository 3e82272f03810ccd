#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>

#include "cpp/kernel_cases.h"
#include "cpp/small_shop.h"
#include "cpp/threads.h"
#include "ranking/retriever.h"
#include "retrieval/bounds.h"
#include "retrieval/exact_scores.h"

using namespace recfast;
using namespace recfast::test;

namespace {

constexpr int64_t kRows = 40'000;  // more blocks than are sampled
constexpr int64_t kDim = 5;

VectorIndex index_of(const Exact<float>& vectors, VectorFormat format, int64_t rows = kRows) {
  const VectorSpace space{.format = format, .metric = Metric::kInnerProduct, .dim = kDim};
  return {space, make_vector_blocks(space, {.data = vectors.data(), .stride = kDim, .rows = rows, .owner = nullptr})};
}

std::vector<int64_t> rows_of(std::span<const Ranked> best) {
  std::vector<int64_t> rows;
  for (const Ranked& ranked : best) rows.push_back(ranked.row);
  return rows;
}

std::vector<int64_t> brute_force(const Exact<float>& vectors, const float* query, int64_t k, int64_t step) {
  std::vector<float> scores(kRows, -std::numeric_limits<float>::infinity());
  for (int64_t row = 0; row < kRows; row += step) {
    double sum = 0;
    for (int64_t d = 0; d < kDim; ++d) sum += static_cast<double>(vectors[row * kDim + d]) * query[d];
    scores[static_cast<size_t>(row)] = static_cast<float>(sum);
  }
  return rows_of(top_k(scores, k));
}

}  // namespace

TEST(a_bar_lies_below_everything_that_may_tie) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kLargest = std::numeric_limits<float>::max();
  constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
  std::vector<float> scores = {0, -0.0f, 1, -1, 1e-30f, -1e30f, 1e-42f, kSmallest, -kSmallest, kLargest, -kLargest};
  scores.insert(scores.end(), {kInfinity, -kInfinity, 0x1p-126f, 0x1p120f, -0x1p-120f});
  for (const float score : scores) {
    for (int exponent = -100; exponent <= 100; exponent += 25) {
      context = std::to_string(score) + " " + std::to_string(exponent);
      const Scaling scaling{exponent};
      const float bar = scaling.bar_of_score(score);
      CHECK(static_cast<double>(bar) <= std::ldexp(static_cast<double>(score), -exponent));
      // Whoever's score rounds to `score` has an upper bound that reaches the bar.
      const float below = std::nextafter(score, -kInfinity);
      if (!std::isfinite(score) || !std::isfinite(below)) continue;
      const double edge = (static_cast<double>(score) + static_cast<double>(below)) / 2;
      if (static_cast<float>(edge) != score) continue;
      const float upper = rounded_up(std::fabs(std::ldexp(edge, -exponent)));
      CHECK((edge < 0 ? -std::nextafter(upper, 0.0f) : upper) >= bar);
    }
  }
}

TEST(bounds_hold_for_every_row) {
  for (const VectorFormat format : {VectorFormat::kF32, VectorFormat::kF16, VectorFormat::kI8}) {
    for (const Metric metric : {Metric::kInnerProduct, Metric::kCosine}) {
      for (const int64_t dim : {1, 5, 64, 163}) {
        const VectorSpace space{.format = format, .metric = metric, .dim = dim};
        const Exact<float> vectors = normals(kBlockRows * dim, 1);
        const Exact<float> bias = normals(kBlockRows, 2);
        const Exact<float> query = normals(dim, 3);
        const VectorBlocks blocks = make_vector_blocks(
            space, {.data = vectors.data(), .stride = dim, .rows = kBlockRows, .bias = bias.data(), .owner = nullptr});
        const VectorBlock& block = *blocks.front();
        const double length = exact_length(query.data(), dim);
        AlignedBuffer<float> codes(static_cast<size_t>(dim + 1));
        const ScanQuery prepared = prepare_query(space, query.data(), length, block.max_bias, codes.data());
        const Bound bound = prepared.in_block(block.max_bias);
        std::vector<uint8_t> groups(kBlockRows / kGroupRows);
        std::iota(groups.begin(), groups.end(), uint8_t{0});
        std::vector<uint32_t> rows(kBlockRows);
        std::iota(rows.begin(), rows.end(), 0u);
        std::vector<float> scores(kBlockRows);
        exact_scores(space, blocks, query.data(), length, rows, scores.data());
        for_each_isa([&](const KernelTable& kernels) {
          at(kernels, {static_cast<int64_t>(format), static_cast<int64_t>(metric), dim});
          std::vector<float> dots(kBlockRows);
          std::vector<float> upper(kBlockRows);
          std::array<uint64_t, kBlockWords> reached;
          const auto count = static_cast<int64_t>(groups.size());
          if (format == VectorFormat::kI8) {
            kernels.scan_i8(reinterpret_cast<const int8_t*>(block.codes), (dim + 1) / 2, groups.data(), count,
                            reinterpret_cast<const int16_t*>(codes.data()), 1, dots.data());
          } else if (format == VectorFormat::kF16) {
            kernels.scan_f16(block.codes, dim, groups.data(), count, codes.data(), 1, dots.data());
          } else {
            kernels.scan_f32(block.rows, dim, kBlockRows, dim, groups.data(), count, codes.data(), 1, dots.data());
          }
          kernels.upper_bounds(dots.data(), groups.data(), count, block.scale, block.slack, block.bias, bound, 0,
                               upper.data(), reached.data());
          for (int64_t row = 0; row < kBlockRows; ++row) {
            const auto i = static_cast<size_t>(row);
            const double score = std::ldexp(static_cast<double>(scores[i]), -prepared.scaling.exponent);
            const float lower = lower_bound(block, row, bound, upper[i]);
            CHECK(static_cast<double>(lower) <= score + 1e-7 * std::fabs(score));
            CHECK(score - 1e-7 * std::fabs(score) <= static_cast<double>(upper[i]));
            CHECK(upper[i] - lower < (format == VectorFormat::kI8 ? 0.2 : 0.01) * (1 + std::sqrt(dim)));
          }
        });
      }
    }
  }
}

TEST(eligible_rows_are_a_bitmap) {
  const Exact<float> vectors = normals(kRows * kDim, 4);
  const Exact<float> query = normals(kDim, 5);
  Spares<SearchWork> spares;
  for (const VectorFormat format : {VectorFormat::kF32, VectorFormat::kF16, VectorFormat::kI8}) {
    const VectorIndex index = index_of(vectors, format);
    for (const int64_t step : {1, 2, 9, 100, 3000, 100'000}) {
      context = std::to_string(step);
      std::vector<uint64_t> eligible(static_cast<size_t>(block_count(kRows) * kBlockWords));
      for (int64_t row = 0; row < kRows; row += step)
        eligible[static_cast<size_t>(row / 64)] |= uint64_t{1} << row % 64;
      eligible.back() |= uint64_t{1} << 63;  // behind the last row: not looked at
      const VectorQuery wanted{.vector = query.data(), .k = 30, .eligible = eligible.data()};
      const std::vector<Nearest> found = index.search({&wanted, 1}, 1, spares);
      std::vector<int64_t> expected = brute_force(vectors, query.data(), 30, step);
      expected.resize(std::min<size_t>(30, static_cast<size_t>((kRows + step - 1) / step)));
      CHECK(rows_of(found.front().best) == expected);
    }
  }
}

TEST(threads_share_a_retriever) {
  const Exact<float> vectors = normals(kRows * kDim, 6);
  const Exact<float> queries = normals(4 * kDim, 7);
  const Retriever retriever(RowIds(kRows), index_of(vectors, VectorFormat::kI8));
  std::vector<int64_t> excluded(1000);
  std::iota(excluded.begin(), excluded.end(), int64_t{-10});
  const ChunkedColumn exclude = int_column(excluded);
  std::atomic<int> wrong{0};
  std::vector<std::vector<int64_t>> expected;
  for (int64_t q = 0; q < 4; ++q) expected.push_back(brute_force(vectors, queries.data() + q * kDim, 50, 1));
  run_in_threads(4, [&](int thread) {
    for (int call = 0; call < 10; ++call) {
      std::vector<RetrieverQuery> all;
      for (int64_t q = 0; q < 4; ++q) all.push_back({.vector = queries.data() + q * kDim});
      all.push_back({.vector = queries.data(), .exclude = &exclude});
      const auto found = retriever.search(all, {.k = 50, .threads = thread + 1});
      for (size_t q = 0; q < 4; ++q) wrong += rows_of(found[q].best) != expected[q];
      wrong += found[4].ignored != 10 || found[4].best.size() != 50;
      for (const Ranked& ranked : found[4].best) wrong += ranked.row < 990;
    }
  });
  CHECK(wrong == 0);
}
