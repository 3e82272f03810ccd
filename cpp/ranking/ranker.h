#pragma once
// Ranker: encode the request -> request side -> for each tile of candidates: gather the item side, pair ops, keep the k
// best. Runs on the calling thread, and on short-lived ones where `threads` says so; no Python, no lock, no allocation
// after warm-up.

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "catalog/catalog.h"
#include "features/request.h"
#include "ranking/pair_device.h"
#include "ranking/work.h"

namespace recfast {

struct RankOptions {
  int64_t k = 1;
  bool skip_missing = false;               // unknown candidates: leave out instead of KeyError
  const ColumnSet* pair = nullptr;         // pair columns, one row per candidate in order
  const ChunkedColumn* exclude = nullptr;  // ids that may not come back
  Expression::Pointer where = {};          // what else has to be true of an item; null: nothing
  int64_t retrieve = 0;                    // of all items, how many to rank; 0: as many as an exact answer takes
};

struct RankResult {
  std::shared_ptr<const Snapshot> snapshot;  // its rows are what `best` names
  std::vector<Ranked> best;
  int64_t skipped = 0;    // unknown candidates
  int64_t ignored = 0;    // unknown excluded ids
  bool certified = true;  // false: retrieve left items out that might have been among the best
  int64_t rescored = 0;   // rows that a search over vectors scored exactly
};

// What one request asks for: candidates by id, or every row of the snapshot.
struct Query {
  const Request* request = nullptr;
  const ChunkedColumn* candidates = nullptr;
  RankOptions options;
};

class Ranker {
 public:
  using Items = std::shared_ptr<const Snapshot>;

  // device: where the pair stage runs; null: on this CPU.
  explicit Ranker(std::shared_ptr<const Catalog> catalog, std::shared_ptr<const PairDevice> device = nullptr)
      : catalog_(std::move(catalog)), device_(std::move(device)) {}

  const PairDevice* device() const noexcept { return device_.get(); }
  const Encoder& encoder() const noexcept { return catalog_->executor().encoder(); }
  // What can be ranked: the catalogue as it is now, or items that need not be in it, by their raw features.
  Items current() const { return catalog_->current(); }
  Items fresh(const ColumnSet& items, ItemUse use = {}) const;

  // A candidate given twice is ranked once (its first pair row counts). threads: at most; one per 4,096 rows.
  RankResult rank(Items items, const Query& query, int64_t threads = 1) const;
  // One result per query, on `threads` threads; an error names the query.
  std::vector<RankResult> rank_batch(const Items& items, std::span<const Query> queries, int64_t threads) const;

 private:
  void check_model(const Snapshot& items) const;
  std::shared_ptr<const Eligible> filter(const Snapshot& items, const Expression::Pointer& where) const;
  void choose(const Snapshot& items, const Query& query, const Eligible* filter, int64_t threads, Work& work,
              RankResult& result) const;
  RankResult rank_with(Work& work, Items items, const Query& query, int64_t threads) const;
  void scan_parts(const Snapshot& items, const Query& query, int64_t parts, int64_t threads, Work& work) const;

  std::shared_ptr<const Catalog> catalog_;
  std::shared_ptr<const PairDevice> device_;
  mutable Spares<Work> spares_;
};

}  // namespace recfast
