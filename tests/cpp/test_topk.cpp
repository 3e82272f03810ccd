#include <algorithm>
#include <limits>
#include <numeric>

#include "cpp/allocations.h"
#include "cpp/kernel_cases.h"
#include "retrieval/topk.h"

using namespace recfast;
using namespace recfast::test;

namespace {

// The rule, spelled out: score descending, NaN last, then lower row.
std::vector<int64_t> reference(const std::vector<float>& scores, int64_t k) {
  std::vector<int64_t> rows(scores.size());
  std::iota(rows.begin(), rows.end(), 0);
  std::stable_sort(rows.begin(), rows.end(), [&](int64_t a, int64_t b) {
    const float x = scores[static_cast<size_t>(a)];
    const float y = scores[static_cast<size_t>(b)];
    return std::isnan(y) ? !std::isnan(x) : x > y;
  });
  rows.resize(std::min(scores.size(), static_cast<size_t>(k)));
  return rows;
}

std::vector<int64_t> rows_of(std::span<const Ranked> best) {
  std::vector<int64_t> rows;
  for (const Ranked& ranked : best) rows.push_back(ranked.row);
  return rows;
}

bool scores_agree(std::span<const Ranked> best, const std::vector<float>& scores) {
  return std::all_of(best.begin(), best.end(), [&](const Ranked& ranked) {
    const float score = scores[static_cast<size_t>(ranked.row)];
    return ranked.score == score || (std::isnan(ranked.score) && std::isnan(score));
  });
}

// kind 0: many values; 1: ties; 2: ties, NaN, infinities and both zeros; 3: nothing but NaN; 4: NaN, then values.
std::vector<float> some_scores(int64_t n, int kind) {
  std::mt19937 generator(static_cast<uint32_t>(n + kind));
  std::normal_distribution<float> normal;
  std::vector<float> scores;
  const float special[] = {NAN, -NAN, INFINITY, -INFINITY, 0.0f, -0.0f, 1.0f};
  for (int64_t i = 0; i < n; ++i)
    scores.push_back(kind == 0 || (kind == 4 && i > 4 * n / 5) ? normal(generator)
                     : kind == 1                               ? static_cast<float>(generator() % 4)
                     : kind == 2                               ? special[generator() % 7]
                                                               : NAN);
  return scores;
}

}  // namespace

TEST(top_k_is_the_head_of_the_sorted_list) {
  for_each_isa([](const KernelTable& kernels) {
    for (int64_t n : {0, 1, 7, 8, 85, 1023, 1024, 1025, 5000})
      for (int kind : {0, 1, 2, 3, 4})
        for (int64_t k : {int64_t{1}, int64_t{2}, int64_t{50}, int64_t{1000}, n, n + 1, int64_t{1} << 40}) {
          if (k < 1) continue;
          at(kernels, {n, kind, k});
          const std::vector<float> scores = some_scores(n, kind);
          TopKCollector collector(kernels, k);
          collector.push_block(scores.data(), n, 0);
          const auto best = collector.finish();
          CHECK(rows_of(best) == reference(scores, k));
          CHECK(scores_agree(best, scores));
        }
  });
}

TEST(blocks_may_come_in_any_order_and_size) {
  for_each_isa([](const KernelTable& kernels) {
    for (int kind : {0, 1, 2}) {
      const int64_t n = 4000;
      const std::vector<float> scores = some_scores(n, kind);
      for (int64_t size : {1, 6, 96, 999, 4000}) {
        at(kernels, {kind, size});
        TopKCollector collector(kernels, 37);
        for (int64_t end = n; end > 0; end -= std::min(size, end)) {  // from behind
          const int64_t begin = std::max<int64_t>(end - size, 0);
          collector.push_block(scores.data() + begin, end - begin, begin);
        }
        CHECK(rows_of(collector.finish()) == reference(scores, 37));
        CHECK(rows_of(collector.finish()) == reference(scores, 37));
      }
      std::vector<uint32_t> rows(static_cast<size_t>(n));
      std::iota(rows.begin(), rows.end(), 0u);
      std::shuffle(rows.begin(), rows.end(), std::mt19937(1));
      std::vector<float> shuffled;
      for (uint32_t row : rows) shuffled.push_back(scores[row]);
      TopKCollector collector(kernels, 37);
      collector.push_rows(shuffled.data(), rows.data(), n);
      CHECK(rows_of(collector.finish()) == reference(scores, 37));
    }
  });
}

TEST(no_score_below_the_threshold_can_enter) {
  const std::vector<float> scores = some_scores(10000, 0);
  TopKCollector collector(kernels(), 10);
  CHECK(collector.threshold() == -INFINITY);
  collector.push_block(scores.data(), 10000, 0);
  const float threshold = collector.threshold();
  CHECK(threshold > -INFINITY);
  CHECK(collector.finish().back().score >= threshold);
  collector.reset(3);
  CHECK(collector.threshold() == -INFINITY && collector.finish().empty());
}

TEST(a_reset_collector_allocates_nothing) {
  std::vector<std::vector<float>> queries;
  for (int kind : {0, 1, 2, 3, 4}) queries.push_back(some_scores(20000, kind));
  queries.push_back(queries[0]);
  std::sort(queries.back().begin(), queries.back().end());  // every score enters
  TopKCollector collector(kernels(), 500);
  const size_t before = allocations();
  for (int64_t k : {1, 50, 500})
    for (const auto& scores : queries) {
      collector.reset(k);
      collector.push_block(scores.data(), 20000, 0);
      CHECK(collector.finish().size() == static_cast<size_t>(k));
    }
  CHECK(allocations() == before);
  const std::vector<float> one(1);
  CHECK(allocations() > before);  // the counter counts
}

TEST(top_k_refuses_what_it_cannot_do) {
  TopKCollector collector(kernels());
  CHECK(!thrown<ValueError>([&] { collector.reset(0); }).empty());
  CHECK(!thrown<ValueError>([&] { top_k({}, -1); }).empty());
  collector.reset(1);
  const float score = 1.0f;
  CHECK(!thrown<ValueError>([&] { collector.push_block(&score, 1, int64_t{1} << 32); }).empty());
  CHECK(!thrown<ValueError>([&] { collector.push_block(&score, 1, -1); }).empty());
  collector.push_block(&score, 1, (int64_t{1} << 32) - 1);
  CHECK(collector.finish()[0].row == (int64_t{1} << 32) - 1);
}
