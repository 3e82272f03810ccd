// top_k against a sort by the rule of retrieval/topk.h. Bit-equal.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cpp/check.h"
#include "cuda/device.h"
#include "kernels/cuda/ranked.cuh"

namespace recfast::cuda::test {
namespace {

using recfast::test::context;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Scores with many ties and everything that is no ordinary number.
std::vector<float> awkward_scores(int64_t n) {
  std::vector<float> scores(static_cast<size_t>(n));
  for (float& score : scores) {
    const int64_t what = any_int(20);
    score = what == 0   ? std::nanf("")
            : what == 1 ? kInfinity
            : what == 2 ? -kInfinity
            : what == 3 ? -0.0f
            : what == 4 ? 0.0f
                        : static_cast<float>(any_int(64) - 32) / 8;
  }
  return scores;
}

bool before(float a, uint32_t row_a, float b, uint32_t row_b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) == std::isnan(b) ? row_a < row_b : std::isnan(b);
  return a != b ? a > b : row_a < row_b;
}

void compare(int64_t queries, int64_t n, int64_t k, bool with_rows) {
  context = std::to_string(queries) + " queries, n " + std::to_string(n) + ", k " + std::to_string(k);
  const int64_t stride = n + 5;
  const std::vector<float> scores = awkward_scores(queries * stride);
  std::vector<uint32_t> rows(static_cast<size_t>(n));
  std::iota(rows.begin(), rows.end(), with_rows ? 4'000'000'000u : 0u);
  if (with_rows) std::shuffle(rows.begin(), rows.end(), random());
  if (with_rows) {
    for (size_t i = 0; i < rows.size(); i += 3) rows[i] = kNoRow;
  }
  const Array<float> on_device(scores);
  const Array<uint32_t> given(rows);
  const Array<uint64_t> best(std::vector<uint64_t>(static_cast<size_t>(queries * k), 7));
  const Array<char> scratch(std::vector<char>(static_cast<size_t>(top_k_scratch(queries, n, k))));
  ok(top_k(on_device.data(), stride, with_rows ? given.data() : nullptr, queries, n, k, scratch.data(), best.data(),
           nullptr));
  const std::vector<uint64_t> found = best.host();
  for (int64_t q = 0; q < queries; ++q) {
    const float* own = scores.data() + q * stride;
    std::vector<size_t> order;
    for (size_t i = 0; i < rows.size(); ++i)
      if (rows[i] != kNoRow) order.push_back(i);
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return before(own[a], rows[a], own[b], rows[b]); });
    bool equal = true;
    for (int64_t i = 0; i < k; ++i) {
      const uint64_t key = found[static_cast<size_t>(q * k + i)];
      if (i >= static_cast<int64_t>(order.size())) {
        equal &= key == 0;
        continue;
      }
      const size_t expected = order[static_cast<size_t>(i)];
      equal &= key != 0 && ranked_row(key) == rows[expected];
      const float score = ranked_score(key);
      equal &= std::isnan(own[expected]) ? std::isnan(score)
                                         : score == own[expected] && !(score == 0 && std::signbit(score));
    }
    CHECK(equal);
  }
}

TEST(the_best_of_every_number_of_scores) {
  for (const int64_t n : {0, 1, 31, 32, 33, 1000, 4096, 4097, 5000, 20000}) {
    for (const int64_t k : {1, 7, 1024}) {
      if (small() && (n > 5000 || k == 7)) continue;
      compare(1, n, k, false);
      compare(1, n, k, true);
    }
  }
}

TEST(several_queries_at_once) {
  compare(3, 33, 10, false);
  compare(3, 5000, 10, true);
}

TEST(a_key_gives_score_and_row_back) {
  for (const float score : {0.0f, 1.5f, -1.5f, kInfinity, -kInfinity, std::numeric_limits<float>::denorm_min()}) {
    for (const uint32_t row : {0u, 1u, 0xffffffffu}) {
      const uint64_t key = ranked(score, row);
      CHECK(key != 0 && ranked_score(key) == score && ranked_row(key) == row);
    }
  }
  CHECK(ranked(-0.0f, 3) == ranked(0.0f, 3));
  CHECK(ranked(-std::nanf(""), 3) < ranked(-kInfinity, 4));
  CHECK(std::isnan(ranked_score(ranked(std::nanf(""), 3))));
}

}  // namespace
}  // namespace recfast::cuda::test
