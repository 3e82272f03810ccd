// Versions of a catalogue: what they share, and that nobody reads half of one.

#include <atomic>
#include <numeric>

#include "base/error.h"
#include "catalog/block_pool.h"
#include "cpp/check.h"
#include "cpp/small_shop.h"
#include "cpp/threads.h"
#include "ranking/ranker.h"

using namespace recfast;
using namespace recfast::test;

namespace {

constexpr int64_t kItems = 3 * kBlockRows - 68;

// An item of small_items, but for its price.
ColumnSet small_item(int64_t id, double price) {
  const ColumnSet all = small_items(id + 1, price);
  return all.slice(id, id + 1);
}

std::vector<int64_t> every_second() {
  std::vector<int64_t> ids;
  for (int64_t id = 0; id < kItems; id += 2) ids.push_back(id);
  return ids;
}

}  // namespace

TEST(a_version_shares_the_blocks_that_it_does_not_change) {
  Catalog catalog(small_executor(), small_items(kItems, 1.0), RowFormat::kF32);
  const auto first = catalog.current();
  catalog.upsert(small_item(kBlockRows + 3, 2.0));
  const auto second = catalog.current();
  for (int64_t row = 0; row < kItems; ++row) {
    CHECK((first->item(row) == second->item(row)) == (row / kBlockRows != 1));
    CHECK((first->fingerprint(row) == second->fingerprint(row)) == (row != kBlockRows + 3));
  }
  catalog.upsert(small_items(kItems, 1.0));  // one row differs
  const auto third = catalog.current();
  CHECK(third->item(0) == first->item(0) && third->item(kBlockRows) != second->item(kBlockRows));
  catalog.upsert(small_items(kItems, 1.0));  // none
  CHECK(catalog.current()->item(kBlockRows) == third->item(kBlockRows) && catalog.current()->version == 4);
  CHECK(catalog.memory().versions == 4 && catalog.memory().older > 0);
}

TEST(removed_items_keep_their_rows_until_a_quarter_is_gone) {
  Catalog catalog(small_executor(), small_items(kItems, 1.0), RowFormat::kF32);
  std::vector<int64_t> ids(kItems / 4);
  std::iota(ids.begin(), ids.end(), 0);
  catalog.remove(int_column(ids));
  CHECK(catalog.current()->rows == kItems && catalog.current()->living == kItems - kItems / 4);
  catalog.upsert(small_item(2, 1.0));
  const auto snapshot = catalog.current();
  CHECK(snapshot->rows == kItems + 1 && snapshot->ids.integer_at(kItems) == 2 && !snapshot->is_alive(2));
  catalog.remove(int_column({500, 501, 500, -1}));
  const auto compact = catalog.current();
  CHECK(compact->rows == compact->living && compact->living == kItems - kItems / 4 + 1 - 2);
  for (int64_t row = 1; row + 1 < compact->rows; ++row) {
    CHECK(compact->ids.integer_at(row - 1) < compact->ids.integer_at(row));
  }
  CHECK(compact->ids.integer_at(compact->rows - 1) == 2);
}

TEST(items_of_another_model_are_refused) {
  const auto catalog_of = [](float hour_weight, RowFormat format) {
    return std::make_shared<Catalog>(small_executor(hour_weight), small_items(9, 1.0), format);
  };
  const auto catalog = catalog_of(8.0f, RowFormat::kF32);
  const Ranker ranker(catalog);
  const Request request = Request::from_table(ranker.encoder(), small_request(1.0));
  const Query query{&request, nullptr, {.k = 9}};
  // Equal models may serve each other's items, in any format.
  CHECK(ranker.rank(catalog_of(8.0f, RowFormat::kF32)->current(), query).best.size() == 9);
  CHECK(ranker.rank(catalog_of(8.0f, RowFormat::kF16)->current(), query).best.size() == 9);
  const auto other = catalog_of(4.0f, RowFormat::kF32);
  CHECK(other->model() != catalog->model());
  const std::vector<Query> queries{query};
  CHECK(!thrown<ValueError>([&] { ranker.rank(other->current(), query); }).empty());
  CHECK(!thrown<ValueError>([&] { ranker.rank_batch(other->current(), queries, 1); }).empty());
}

TEST(a_pool_takes_memory_again) {
  const auto use = std::make_shared<MemoryUse>();
  constexpr int64_t kBytes = 128;
  BlockPool pool(70, kBytes, use);
  std::vector<PooledMemory> held;
  for (int i = 0; i < 70; ++i) {
    held.push_back(pool.take());
    CHECK(held.back().get() == held.front().get() + i * kBytes);
  }
  CHECK(use->used == 70 * kBytes && use->allocated == 70 * kBytes);
  held.push_back(pool.take());  // of a new region
  CHECK(use->used == 71 * kBytes && use->allocated > 71 * kBytes);
  uint8_t* const freed = held[66].get();
  held[66] = nullptr;
  CHECK(pool.take().get() == freed);  // and it is free again
  BlockPool next = pool;
  held.erase(held.begin(), held.begin() + 70);
  pool = BlockPool();
  CHECK(next.wasteful());
  next.drop_idle();
  CHECK(!next.wasteful());
  CHECK(use->used == kBytes && use->allocated < 70 * kBytes);
  next = BlockPool();
  CHECK(use->allocated > 0);  // somebody holds a slot
  held.clear();
  CHECK(use->used == 0 && use->allocated == 0);
}

TEST(readers_see_one_version_while_all_is_replaced_and_copied_together) {
  // Version 3 n + 2 replaces all, 3 n + 3 removes half of them, which makes the others move, 3 n + 4 brings those back.
  // Everything costs the number of the version that wrote it.
  const auto catalog = std::make_shared<Catalog>(small_executor(), small_items(kItems, 1.0), RowFormat::kF32);
  const Ranker ranker(catalog);
  std::atomic<int> wrong{0};
  std::atomic<bool> done{false};
  const auto check = [&](const Ranker::Items& items) {
    const int64_t version = items->version;
    const bool halved = version % 3 == 0;
    const Request request = Request::from_table(ranker.encoder(), small_request(1.0));
    const RankResult all = ranker.rank(items, {&request, nullptr, {.k = kItems}});
    bool right = static_cast<int64_t>(all.best.size()) == (halved ? kItems / 2 : kItems);
    for (const Ranked& ranked : all.best) {
      const int64_t id = items->ids.integer_at(ranked.row);
      right = right && ranked.score == small_score(id, static_cast<double>(halved ? version - 1 : version), 1.0);
      right = right && (!halved || id % 2 == 1);
    }
    const ChunkedColumn candidates = int_column({0, 1, kItems - 1, 1});
    const RankResult some = ranker.rank(items, {&request, &candidates, {.k = 9, .skip_missing = true}});
    right = right && some.skipped == (halved ? 1 : 0) && some.best.size() == (halved ? 2 : 3);
    if (!right) ++wrong;
  };
  run_in_threads(4, [&](int index) {
    if (index == 0) {
      for (int call = 0; call < 20; ++call) {
        const int64_t version = catalog->replace(small_items(kItems, 3.0 * call + 2.0));
        if (version != 3 * call + 2) ++wrong;
        catalog->remove(int_column(every_second()));
        catalog->upsert(small_items(kItems, 3.0 * call + 4.0));
      }
      done = true;
      return;
    }
    while (!done) {
      const Ranker::Items held = ranker.current();
      check(held);
      check(ranker.current());
      check(held);
    }
  });
  CHECK(wrong == 0);
  CHECK(catalog->memory().versions == 1 && catalog->memory().older == 0);
}
