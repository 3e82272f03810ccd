#include "ranking/ranker.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "features/feature.h"
#include "ranking/pair_inputs.h"

namespace recfast {
namespace {

void check_names(const ColumnSet& columns, const std::vector<std::string>& known, const char* what) {
  for (const std::string& name : columns.names()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw ValueError(std::string("unknown feature '") + name + "' in " + what + "; it has " + list_names(known));
    }
  }
}

// Asks for the stored rows and the match keys of a tile; into L2, since a tile of rows does not fit into L1.
void prefetch(const Snapshot& snapshot, std::span<const uint32_t> rows, int64_t width) {
  constexpr int64_t kLine = kAlignment / sizeof(float);
  for (const uint32_t row : rows) {
    const float* item = snapshot.items.data() + row * width;
    for (int64_t i = 0; i < width; i += kLine) __builtin_prefetch(item + i, 0, 2);
    for (const auto& keys : snapshot.match_keys) __builtin_prefetch(keys.data() + row);
  }
}

}  // namespace

// Scratch memory of one running call.
struct Ranker::Work {
  explicit Work(const cpu::Executor& executor)
      : collector(executor.kernels()), request(executor.encoder().make_arrays()), pair(executor.encoder()) {}

  cpu::Workspace stage;
  TopKCollector collector;
  EncodedArrays request;
  PairInputs pair;
  AlignedBuffer<float> request_row;
  std::vector<int64_t> found;      // catalogue rows of a chunk of candidates
  std::vector<uint32_t> rows;      // catalogue rows to rank
  std::vector<int64_t> positions;  // and where each stood among the candidates
  std::vector<uint32_t> seen;      // per catalogue row: `epoch` when it is excluded or taken
  uint32_t epoch = 0;
  std::vector<const float*> request_rows;
  std::vector<const float*> item_rows;
  std::vector<float> scores;

  void begin(int64_t catalogue_size) {
    rows.clear();
    positions.clear();
    seen.resize(std::max(seen.size(), static_cast<size_t>(catalogue_size)));
    if (++epoch == 0) {
      std::fill(seen.begin(), seen.end(), 0);
      epoch = 1;
    }
  }
  bool take(int64_t row) {
    uint32_t& mark = seen[static_cast<size_t>(row)];
    if (mark == epoch) return false;
    mark = epoch;
    return true;
  }
};

// Takes scratch memory and gives it back.
class Ranker::Lease {
 public:
  explicit Lease(const Ranker& ranker) : ranker_(ranker), work_(ranker.spares_.take()) {
    if (!work_) work_ = std::make_unique<Work>(ranker.catalog_->executor());
  }
  ~Lease() { ranker_.spares_.give(std::move(work_)); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Work& operator*() const noexcept { return *work_; }

 private:
  const Ranker& ranker_;
  std::unique_ptr<Work> work_;
};

Ranker::Ranker(std::shared_ptr<const Catalog> catalog) : catalog_(std::move(catalog)) {}

Ranker::~Ranker() = default;

void Ranker::mark_excluded(const Snapshot& snapshot, const RankOptions& options, Work& work, RankResult& result) const {
  if (options.exclude == nullptr) return;
  for (const Column& chunk : options.exclude->chunks) {
    snapshot.ids.check_type(values_of(chunk), "exclude");
    for_each_value(chunk, [&](const Column& values, int64_t at, int64_t) {
      const int64_t row = at < 0 || values.is_null(at) ? -1 : snapshot.ids.find(values, at);
      if (row < 0)
        ++result.ignored;
      else
        work.take(row);
    });
  }
}

void Ranker::run(const ColumnSet& request, const RankOptions& options, Work& work, RankResult& result) const {
  const cpu::Executor& executor = catalog_->executor();
  const Encoder& encoder = executor.encoder();
  const Snapshot& snapshot = *result.snapshot;
  work.collector.reset(options.k);
  check_names(request, encoder.request_columns(), "the request");
  encoder.encode(request, {.request = true}, work.request);
  work.request_row.resize(static_cast<size_t>(executor.request_width()));
  executor.run_requests(work.request, 0, 1, work.request_row.data(), work.stage);
  PairInputs& pair = work.pair;
  pair.begin(snapshot, request, options.pair);

  const int64_t tile_rows = executor.pair_rows();
  work.request_rows.assign(static_cast<size_t>(tile_rows), work.request_row.data());
  work.item_rows.resize(static_cast<size_t>(tile_rows));
  work.scores.resize(static_cast<size_t>(tile_rows));
  const auto total = static_cast<int64_t>(work.rows.size());
  for (int64_t first = 0; first < total; first += tile_rows) {
    const int64_t rows = std::min(tile_rows, total - first);
    const std::span<const uint32_t> tile(work.rows.data() + first, static_cast<size_t>(rows));
    // One tile ahead: the item side lies all over the catalogue.
    const int64_t ahead = std::min(tile_rows, total - first - rows);
    prefetch(snapshot, {work.rows.data() + first + rows, static_cast<size_t>(ahead)}, executor.item_width());
    for (int64_t r = 0; r < rows; ++r) {
      work.item_rows[static_cast<size_t>(r)] =
          snapshot.items.data() + tile[static_cast<size_t>(r)] * executor.item_width();
    }
    pair.fill(tile, work.positions.empty() ? nullptr : work.positions.data() + first);
    executor.run_pairs(pair.arrays(), 0, rows, work.request_rows.data(), work.item_rows.data(), work.scores.data(),
                       work.stage);
    work.collector.push_rows(work.scores.data(), tile.data(), rows);
  }
  const std::span<const Ranked> best = work.collector.finish();
  result.best.assign(best.begin(), best.end());
}

RankResult Ranker::rank(const ColumnSet& request, const ChunkedColumn& candidates, const RankOptions& options) const {
  RankResult result{.snapshot = catalog_->current(), .best = {}};
  const Lease lease(*this);
  Work& work = *lease;
  work.begin(result.snapshot->size());
  mark_excluded(*result.snapshot, options, work, result);
  std::string unknown;
  constexpr int64_t kNamed = 5;
  int64_t position = 0;
  for (const Column& chunk : candidates.chunks) {
    result.snapshot->ids.check_type(values_of(chunk), "candidates");
    const bool plain = chunk.type != ColumnType::kDictionary;
    if (plain) {
      work.found.resize(static_cast<size_t>(chunk.length));
      result.snapshot->ids.find_all(chunk, work.found.data());
    }
    for_each_value(chunk, [&](const Column& values, int64_t at, int64_t) {
      if (at < 0 || values.is_null(at))
        throw ValueError("candidates: position " + std::to_string(position) + " is null");
      const int64_t row = plain ? work.found[static_cast<size_t>(at)] : result.snapshot->ids.find(values, at);
      if (row < 0) {
        if (result.skipped++ < kNamed) unknown += (unknown.empty() ? "" : ", ") + ItemIds::text(values, at);
      } else if (work.take(row)) {
        work.rows.push_back(static_cast<uint32_t>(row));
        work.positions.push_back(position);
      }
      ++position;
    });
  }
  if (result.skipped > 0 && !options.skip_missing) {
    throw KeyError(std::to_string(result.skipped) + " candidates are not in the catalogue, the first: " + unknown +
                   "; pass missing=\"skip\" to leave them out, or items= to rank items by their raw features");
  }
  if (options.pair != nullptr && options.pair->rows() != position) {
    throw ValueError("pair= has " + std::to_string(options.pair->rows()) + " rows for " + std::to_string(position) +
                     " candidates; it needs one row per candidate, in order");
  }
  run(request, options, work, result);
  return result;
}

RankResult Ranker::rank_items(const ColumnSet& request, const ColumnSet& items, const RankOptions& options) const {
  RankResult result{.snapshot = std::make_shared<const Snapshot>(make_snapshot(catalog_->executor(), items)),
                    .best = {}};
  const Lease lease(*this);
  Work& work = *lease;
  work.begin(result.snapshot->size());
  mark_excluded(*result.snapshot, options, work, result);
  if (options.pair != nullptr && options.pair->rows() != result.snapshot->size()) {
    throw ValueError("pair= has " + std::to_string(options.pair->rows()) + " rows for " +
                     std::to_string(result.snapshot->size()) + " items; it needs one row per item, in order");
  }
  for (int64_t row = 0; row < result.snapshot->size(); ++row) {
    if (!work.take(row)) continue;
    work.rows.push_back(static_cast<uint32_t>(row));
    work.positions.push_back(row);
  }
  run(request, options, work, result);
  return result;
}

RankResult Ranker::recommend(const ColumnSet& request, const RankOptions& options) const {
  RankResult result{.snapshot = catalog_->current(), .best = {}};
  const Lease lease(*this);
  Work& work = *lease;
  work.begin(result.snapshot->size());
  mark_excluded(*result.snapshot, options, work, result);
  for (int64_t row = 0; row < result.snapshot->size(); ++row) {
    if (work.take(row)) work.rows.push_back(static_cast<uint32_t>(row));
  }
  run(request, options, work, result);
  return result;
}

}  // namespace recfast
