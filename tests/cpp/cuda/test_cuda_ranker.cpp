// A Ranker whose pair stage runs on the emulator of CUDA: exact scores, versions, and several threads.

#include <atomic>
#include <thread>
#include <vector>

#include "cpp/check.h"
#include "cpp/small_shop.h"
#include "ranking/ranker.h"

namespace recfast::test {
namespace {

constexpr int64_t kItems = 700;

void expect_best(const Ranker& ranker, const Request& request, double price, double hour, int64_t k) {
  const RankResult best = ranker.rank(ranker.current(), {&request, nullptr, {.k = k}});
  CHECK(static_cast<int64_t>(best.best.size()) == k);
  for (size_t i = 0; i < best.best.size(); ++i) {
    CHECK(best.best[i].score == small_score(best.snapshot->ids.integer_at(best.best[i].row), price, hour));
    if (i == 0) continue;
    const Ranked& before = best.best[i - 1];
    CHECK(before.score > best.best[i].score || (before.score == best.best[i].score && before.row < best.best[i].row));
  }
}

TEST(a_device_ranks_versions_exactly) {
  for (const RowFormat format : {RowFormat::kF32, RowFormat::kF16, RowFormat::kI8}) {
    const auto catalog = std::make_shared<Catalog>(small_executor(), small_items(kItems, 3.0), format);
    const Ranker ranker(catalog, cuda_pairs(*catalog, nullptr));
    const Request request = Request::from_table(ranker.encoder(), small_request(2.0));
    expect_best(ranker, request, 3.0, 2.0, 50);
    catalog->upsert(small_items(kItems, 5.0));
    expect_best(ranker, request, 5.0, 2.0, kItems);
    catalog->upsert(small_items(4 * kItems, 1.0));  // more than there is room for
    expect_best(ranker, request, 1.0, 2.0, 4 * kItems);
    const ColumnSet fresh = small_items(300, 7.0);
    const RankResult own = ranker.rank(ranker.fresh(fresh), {&request, nullptr, {.k = 9}});
    for (const Ranked& ranked : own.best) CHECK(ranked.score == small_score(ranked.row, 7.0, 2.0));
  }
}

TEST(threads_share_a_device_while_versions_change) {
  const auto catalog = std::make_shared<Catalog>(small_executor(), small_items(kItems, 1.0), RowFormat::kF32);
  const Ranker ranker(catalog, cuda_pairs(*catalog, nullptr));
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      const Request request = Request::from_table(ranker.encoder(), small_request(1.0));
      while (!done) {
        const RankResult all = ranker.rank(ranker.current(), {&request, nullptr, {.k = kItems}});
        const Ranked& any = all.best.front();
        const int64_t id = all.snapshot->ids.integer_at(any.row);
        const double price = static_cast<double>(all.snapshot->version % 2);  // of that version, for every item
        CHECK(any.score == small_score(id, price, 1.0));
      }
    });
  }
  for (int64_t round = 0; round < 20; ++round) {
    const int64_t next = catalog->current()->version + 1;
    catalog->upsert(small_items(kItems, static_cast<double>(next % 2)));
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace recfast::test
