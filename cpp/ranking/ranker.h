#pragma once
// Ranker: encode the request -> request side -> for each tile of candidates: gather the item side, pair ops, keep the k
// best. Runs on the calling thread; no Python, no lock, no allocation after warm-up.

#include <memory>
#include <optional>
#include <vector>

#include "base/spares.h"
#include "catalog/catalog.h"
#include "retrieval/topk.h"

namespace recfast {

struct RankOptions {
  int64_t k = 1;
  bool skip_missing = false;               // unknown candidates: leave out instead of KeyError
  const ColumnSet* pair = nullptr;         // pair columns, one row per candidate in order
  const ChunkedColumn* exclude = nullptr;  // ids that may not come back
};

struct RankResult {
  std::shared_ptr<const Snapshot> snapshot;  // its rows are what `best` names
  std::vector<Ranked> best;
  int64_t skipped = 0;  // unknown candidates
  int64_t ignored = 0;  // unknown excluded ids
};

class Ranker {
 public:
  explicit Ranker(std::shared_ptr<const Catalog> catalog);
  ~Ranker();

  // Candidates of the catalogue by id; a candidate given twice is ranked once (its first pair row counts).
  RankResult rank(const ColumnSet& request, const ChunkedColumn& candidates, const RankOptions& options) const;
  // Items that need not be in the catalogue, as raw features.
  RankResult rank_items(const ColumnSet& request, const ColumnSet& items, const RankOptions& options) const;
  // The whole catalogue.
  RankResult recommend(const ColumnSet& request, const RankOptions& options) const;

 private:
  struct Work;
  class Lease;
  void mark_excluded(const Snapshot& snapshot, const RankOptions& options, Work& work, RankResult& result) const;
  void run(const ColumnSet& request, const RankOptions& options, Work& work, RankResult& result) const;

  std::shared_ptr<const Catalog> catalog_;
  mutable Spares<Work> spares_;
};

}  // namespace recfast
