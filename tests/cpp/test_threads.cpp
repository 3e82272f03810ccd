// Whole requests from several threads: what make tsan is for.

#include <atomic>
#include <numeric>

#include "cpp/check.h"
#include "cpp/kernel_cases.h"
#include "cpp/small_shop.h"
#include "cpp/threads.h"
#include "ranking/ranker.h"
#include "ranking/score.h"

using namespace recfast;
using namespace recfast::test;

namespace {

constexpr int64_t kItems = 700;
constexpr int kCalls = 25;

// Whether the result is right for a catalogue in which everything costs `price`, and in order.
bool right(const RankResult& result, double price, double hour) {
  const auto& best = result.best;
  for (size_t i = 0; i < best.size(); ++i) {
    const int64_t id = result.snapshot->ids.integer_at(best[i].row);
    if (best[i].score != small_score(id, price, hour)) return false;
    if (i > 0 &&
        (best[i - 1].score < best[i].score || (best[i - 1].score == best[i].score && best[i - 1].row >= best[i].row)))
      return false;
  }
  return true;
}

std::vector<int64_t> every(int64_t step, int64_t first) {
  std::vector<int64_t> ids;
  for (int64_t id = first; id < kItems; id += step) ids.push_back(id);
  return ids;
}

}  // namespace

TEST(threads_share_a_ranker) {
  const auto catalog = std::make_shared<const Catalog>(small_executor(), small_items(kItems, 3.0), RowFormat::kF32);
  const Ranker ranker(catalog);
  std::atomic<int> wrong{0};
  run_in_threads(4, [&](int index) {
    const double hour = index;
    const Request request = Request::from_table(ranker.encoder(), small_request(hour));
    const ColumnSet fresh = small_items(100, 5.0);
    const ChunkedColumn candidates = int_column(every(3, index));
    const ChunkedColumn excluded = int_column(every(2, 0));
    for (int call = 0; call < kCalls; ++call) {
      const RankResult ranked = ranker.rank(ranker.current(), {&request, &candidates, {.k = 50}});
      const RankResult rest =
          ranker.rank(ranker.current(), {&request, nullptr, {.k = kItems, .exclude = &excluded}}, 2);
      const RankResult own = ranker.rank(ranker.fresh(fresh), {&request, nullptr, {.k = 7}});
      if (ranked.best.size() != 50 || !right(ranked, 3.0, hour)) ++wrong;
      if (rest.best.size() != kItems / 2 || !right(rest, 3.0, hour)) ++wrong;
      if (own.best.size() != 7 || !right(own, 5.0, hour)) ++wrong;
    }
  });
  CHECK(wrong == 0);
}

TEST(parts_of_one_request_are_ranked_by_several_threads) {
  constexpr int64_t kMany = 20'000;
  const Ranker ranker(std::make_shared<const Catalog>(small_executor(), small_items(kMany, 3.0), RowFormat::kF32));
  const Request request = Request::from_table(ranker.encoder(), small_request(1.0));
  const ChunkedColumn excluded = int_column({0, 1, kMany - 1, -7});
  const Query query{&request, nullptr, {.k = 300, .exclude = &excluded}};
  const RankResult one = ranker.rank(ranker.current(), query);
  CHECK(one.best.size() == 300 && one.ignored == 1 && right(one, 3.0, 1.0));
  for (const int64_t threads : {2, 3, 16}) {
    const RankResult several = ranker.rank(ranker.current(), query, threads);
    bool same = several.best.size() == one.best.size();
    for (size_t i = 0; same && i < one.best.size(); ++i) same = several.best[i].row == one.best[i].row;
    CHECK(same);
  }
  const std::vector<Query> queries(9, query);
  for (const RankResult& result : ranker.rank_batch(ranker.current(), queries, 3)) {
    CHECK(result.best.size() == 300 && result.best[0].row == one.best[0].row);
  }
}

TEST(readers_see_one_version_while_others_write) {
  // In version v everything costs v. Of the versions in between, id 5 is missing.
  const auto catalog = std::make_shared<Catalog>(small_executor(), small_items(kItems, 1.0), RowFormat::kF32);
  const Ranker ranker(catalog);
  std::atomic<int> wrong{0};
  std::atomic<bool> done{false};
  run_in_threads(4, [&](int index) {
    if (index == 0) {
      for (int call = 0; call < kCalls; ++call) {
        const int64_t version = catalog->upsert(small_items(kItems, 2.0 * call + 3.0));
        if (version != 2 * call + 2 || catalog->remove(int_column({5, -1})) != version + 1) ++wrong;
      }
      done = true;
      return;
    }
    const Request request = Request::from_table(ranker.encoder(), small_request(1.0));
    int64_t seen = 0;
    while (!done) {
      const RankResult all = ranker.rank(ranker.current(), {&request, nullptr, {.k = kItems}});
      const int64_t version = all.snapshot->version;
      const bool whole = version % 2 == 0 || version == 1;
      const double price =
          whole ? (version == 1 ? 1.0 : static_cast<double>(version) + 1.0) : static_cast<double>(version);
      if (version < seen || all.best.size() != kItems - (whole ? 0 : 1) || !right(all, price, 1.0)) ++wrong;
      seen = version;
    }
  });
  CHECK(wrong == 0);
  CHECK(catalog->current()->version == 2 * kCalls + 1);
}

TEST(writers_take_turns) {
  Catalog catalog(small_executor(), small_items(0, 1.0), RowFormat::kF32);
  run_in_threads(4, [&](int index) {
    for (int64_t i = 0; i < 20; ++i) {
      ColumnSet one;
      const ColumnSet item = small_items(1, 2.0);
      for (const char* name : {"price", "brand", "family"}) one.add(name, item.get(name, name));
      one.add("id", int_column({100 * index + i}));
      catalog.upsert(one);
    }
  });
  CHECK(catalog.current()->living == 80);  // nobody's item was lost
  CHECK(catalog.current()->version == 81);
}

TEST(threads_compile_and_score_by_themselves) {
  const auto shared = small_executor();
  std::atomic<int> wrong{0};
  run_in_threads(4, [&](int index) {
    const ColumnSet rows = small_rows(kItems, 4.0, index);
    for (int call = 0; call < 5; ++call) {
      std::vector<float> scores(kItems);
      score_rows(call % 2 == 0 ? *shared : *small_executor(), rows, RowFormat::kF32, 2, scores.data());
      for (int64_t id = 0; id < kItems; ++id) {
        if (scores[static_cast<size_t>(id)] != small_score(id, 4.0, index)) ++wrong;
      }
    }
  });
  CHECK(wrong == 0);
}

TEST(threads_share_a_table) {
  constexpr int64_t kRows = 500;
  constexpr int64_t kDim = 19;
  const Exact<float> weights = integers(kRows * kDim, 20, 1);
  std::vector<int64_t> ids(kRows);
  std::iota(ids.begin(), ids.end(), 0);
  for (const RowFormat format : {RowFormat::kF32, RowFormat::kF16, RowFormat::kI8}) {
    const Table table = Table::from_weights({weights.data(), static_cast<size_t>(kRows * kDim)}, kRows, kDim, format);
    std::vector<float> expected(static_cast<size_t>(kRows * kDim));
    table.rows(ids, expected.data(), kDim);
    std::atomic<int> wrong{0};
    run_in_threads(4, [&](int) {
      std::vector<float> rows(expected.size());
      std::vector<float> bags(expected.size());
      for (int call = 0; call < 5; ++call) {
        table.rows(ids, rows.data(), kDim);
        table.bag(ids, ids, nullptr, Pooling::kSum, bags.data(), kDim);
        if (rows != expected || bags != expected) ++wrong;
      }
    });
    CHECK(wrong == 0);
  }
}

TEST(threads_select_at_the_same_time) {
  std::vector<float> scores;
  for (int64_t i = 0; i < 5000; ++i) scores.push_back(static_cast<float>(i * 7919 % 5003));
  std::vector<int64_t> expected;
  for (const Ranked& ranked : top_k(scores, 40)) expected.push_back(ranked.row);
  std::atomic<int> wrong{0};
  run_in_threads(4, [&](int) {
    for (int call = 0; call < kCalls; ++call) {
      const std::vector<Ranked> best = top_k(scores, 40);
      for (size_t i = 0; i < best.size(); ++i) wrong += best[i].row != expected[i];
      wrong += best.size() != expected.size();
    }
  });
  CHECK(wrong == 0);
}
