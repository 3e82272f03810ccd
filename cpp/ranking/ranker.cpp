#include "ranking/ranker.h"

#include <algorithm>

#include "base/error.h"
#include "base/workers.h"
#include "ranking/id_rows.h"
#include "ranking/retrieve.h"

namespace recfast {
namespace {

constexpr int64_t kPartRows = 4096;  // that a thread takes at a time

void mark_excluded(const Snapshot& snapshot, const RankOptions& options, Work& work, RankResult& result) {
  if (options.exclude == nullptr) return;
  result.ignored = for_each_excluded(snapshot, *options.exclude, [&](int64_t row) {
    if (work.seen.insert(row)) work.excluded.push_back(static_cast<uint32_t>(row));
  });
}

bool is_eligible(const Eligible* filter, int64_t row) {
  return filter == nullptr || (filter->words(row / kBlockRows)[row % kBlockRows / 64] >> (row % 64) & 1) != 0;
}

// The rows to rank, and where each candidate stood. Throws KeyError, ValueError or TypeError.
void resolve(const Snapshot& snapshot, const Query& query, const Eligible* filter, Work& work, RankResult& result) {
  const auto take = [&](int64_t row, int64_t position) {
    if (!work.seen.insert(row) || !is_eligible(filter, row)) return;
    work.rows.push_back(static_cast<uint32_t>(row));
    work.positions.push_back(position);
  };
  result.skipped = for_each_candidate(snapshot, *query.candidates, query.options.skip_missing,
                                      ", or items= to rank items by their raw features", work.found, take);
}

void check_pair_rows(const ColumnSet* pair, int64_t wanted, const char* of, const char* per) {
  if (pair == nullptr || pair->rows() == wanted) return;
  throw ValueError("pair= has " + std::to_string(pair->rows()) + " rows for " + std::to_string(wanted) + " " + of +
                   "; it needs one row per " + per + ", in order");
}

}  // namespace

Ranker::Items Ranker::fresh(const ColumnSet& items, ItemUse use) const {
  return items_of_request(catalog_->executor(), catalog_->model(), items, use);
}

std::shared_ptr<const Eligible> Ranker::filter(const Snapshot& items, const Expression::Pointer& where) const {
  if (where == nullptr) return nullptr;
  if (items.version > 0) return catalog_->filtered(where, items);
  return std::make_shared<const Eligible>(*Predicate::compile(*where, *items.attributes), *items.attributes, nullptr);
}

void Ranker::check_model(const Snapshot& items) const {
  if (items.model == catalog_->model()) return;
  throw ValueError("the items were prepared for another model: another schema, other weights or another ISA");
}

// Several threads: every one takes the request for itself, which costs less than waiting for another.
void Ranker::scan_parts(const Snapshot& items, const Query& query, int64_t parts, int64_t threads, Work& work) const {
  const cpu::Executor& executor = catalog_->executor();
  std::vector<std::unique_ptr<WorkLease>> leases(static_cast<size_t>(threads));
  parallel_for(parts, threads, [&](int64_t part, int64_t worker) {
    const auto first = static_cast<size_t>(part * kPartRows);
    const auto rows = std::span<const uint32_t>(work.rows).subspan(first).first(
        std::min(static_cast<size_t>(kPartRows), work.rows.size() - first));
    Work* mine = &work;
    if (worker > 0) {
      std::unique_ptr<WorkLease>& lease = leases[static_cast<size_t>(worker)];
      if (!lease) {
        lease = std::make_unique<WorkLease>(spares_, executor);
        (**lease).collector.reset(query.options.k);
        begin_request(executor, items, *query.request, query.options.pair, rows, **lease);
      }
      mine = &**lease;
    }
    scan(executor, items, rows, work.positions.empty() ? nullptr : work.positions.data() + first, *mine);
  });
  for (const auto& lease : leases) {
    if (!lease) continue;
    for (const Ranked& ranked : (**lease).collector.finish()) {
      const auto row = static_cast<uint32_t>(ranked.row);
      work.collector.push_rows(&ranked.score, &row, 1);
    }
  }
}

// The rows of the whole snapshot to rank, of a request that has begun, and their positions where there is a pair table.
void Ranker::choose(const Snapshot& items, const Query& query, const Eligible* filter, int64_t threads, Work& work,
                    RankResult& result) const {
  const RankOptions& options = query.options;
  const cpu::Executor& executor = catalog_->executor();
  work.eligible.reset(items, filter, work.excluded);
  if (retrieve_exactly(executor, items, options.k, threads, work, result.rescored)) return;
  if (options.retrieve > 0 && !is_whole_product(items)) {
    retrieve_some(items, options.retrieve, threads, work, result.rescored);
    result.certified = static_cast<int64_t>(work.rows.size()) == work.eligible.count();
    return;
  }
  work.eligible.for_each([&](int64_t row) { work.rows.push_back(static_cast<uint32_t>(row)); });
  if (options.pair == nullptr) return;
  int64_t position = 0;
  size_t next = 0;
  items.for_each_living([&](int64_t row) {
    const int64_t at = position++;
    if (next == work.rows.size() || work.rows[next] != row) return;
    work.positions.push_back(at);
    ++next;
  });
}

RankResult Ranker::rank_with(Work& work, Items items, const Query& query, int64_t threads) const {
  const cpu::Executor& executor = catalog_->executor();
  RankResult result{.snapshot = std::move(items), .best = {}};
  const Snapshot& snapshot = *result.snapshot;
  const RankOptions& options = query.options;
  const std::shared_ptr<const Eligible> filter = this->filter(snapshot, options.where);
  work.rows.clear();
  work.positions.clear();
  work.excluded.clear();
  work.collector.reset(options.k);
  const int64_t excluded = options.exclude != nullptr ? options.exclude->length : 0;
  work.seen.reset(excluded + (query.candidates != nullptr ? query.candidates->length : 0));
  mark_excluded(snapshot, options, work, result);
  if (query.candidates != nullptr) {
    resolve(snapshot, query, filter.get(), work, result);
    check_pair_rows(options.pair, query.candidates->length, "candidates", "candidate");
    begin_request(executor, snapshot, *query.request, options.pair, work.rows, work);
  } else {
    check_pair_rows(options.pair, snapshot.living, "items", "item");
    begin_request(executor, snapshot, *query.request, options.pair, {}, work);
    choose(snapshot, query, filter.get(), threads, work, result);
  }
  const int64_t* positions = work.positions.empty() ? nullptr : work.positions.data();
  const int64_t parts = (static_cast<int64_t>(work.rows.size()) + kPartRows - 1) / kPartRows;
  if (device_ != nullptr) {
    device_->scan(result.snapshot, work.rows, positions, options.k, work);
  } else if (std::min(threads, parts) > 1) {
    scan_parts(snapshot, query, parts, std::min(threads, parts), work);
  } else {
    scan(executor, snapshot, work.rows, positions, work);
  }
  const std::span<const Ranked> best = work.collector.finish();
  result.best.assign(best.begin(), best.end());
  return result;
}

RankResult Ranker::rank(Items items, const Query& query, int64_t threads) const {
  check_threads(threads);
  check_model(*items);
  const WorkLease lease(spares_, catalog_->executor());
  return rank_with(*lease, std::move(items), query, threads);
}

std::vector<RankResult> Ranker::rank_batch(const Items& items, std::span<const Query> queries, int64_t threads) const {
  check_threads(threads);
  check_model(*items);
  const auto count = static_cast<int64_t>(queries.size());
  std::vector<std::unique_ptr<WorkLease>> leases(static_cast<size_t>(std::min(threads, count)));
  std::vector<RankResult> results(queries.size());
  parallel_for(count, threads, [&](int64_t i, int64_t worker) {
    std::unique_ptr<WorkLease>& lease = leases[static_cast<size_t>(worker)];
    if (!lease) lease = std::make_unique<WorkLease>(spares_, catalog_->executor());
    try {
      results[static_cast<size_t>(i)] = rank_with(**lease, items, queries[static_cast<size_t>(i)], 1);
    } catch (...) {
      rethrow_at("request " + std::to_string(i));
    }
  });
  return results;
}

}  // namespace recfast
