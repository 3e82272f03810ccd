#pragma once
// Scratch memory of one running call.

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "base/spares.h"
#include "ranking/eligible_rows.h"
#include "ranking/pair_inputs.h"
#include "ranking/row_set.h"
#include "retrieval/topk.h"

namespace recfast {

struct Work {
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
  std::vector<uint32_t> excluded;  // catalogue rows
  RowSet seen;                     // excluded or taken
  EligibleRows eligible;           // of the whole catalogue
  Spares<SearchWork> searches;
  // A tile of candidates, and the stored rows of the next one.
  std::vector<const float*> request_rows;
  std::vector<const float*> item_rows;
  std::vector<Memory> ahead;
  std::vector<int64_t> tile;   // bytes from its first row to each
  AlignedBuffer<float> items;  // item sides that are not read in place
  std::vector<float> scores;
};

// Takes scratch memory and gives it back.
class WorkLease {
 public:
  WorkLease(Spares<Work>& spares, const cpu::Executor& executor) : spares_(spares), work_(spares.take()) {
    if (!work_) work_ = std::make_unique<Work>(executor);
  }
  ~WorkLease() { spares_.give(std::move(work_)); }
  WorkLease(const WorkLease&) = delete;
  WorkLease& operator=(const WorkLease&) = delete;
  Work& operator*() const noexcept { return *work_; }

 private:
  Spares<Work>& spares_;
  std::unique_ptr<Work> work_;
};

// Encodes the request and runs its side: what scan() needs. first: rows that will be scanned first, asked for from
// memory meanwhile. Throws ValueError or TypeError naming the feature.
void begin_request(const cpu::Executor& executor, const Snapshot& snapshot, const Request& request,
                   const ColumnSet* pair, std::span<const uint32_t> first, Work& work);
// out: f32 [rows, item_width()], the item sides of rows of those arrays; of rows that follow each other at once.
void run_items(const cpu::Executor& executor, const EncodedArrays& items, std::span<const uint32_t> rows, float* out,
               cpu::Workspace& stage);
// Scores rows of the snapshot, tile by tile, into the collector. positions: their rows in the pair table, or null.
void scan(const cpu::Executor& executor, const Snapshot& snapshot, std::span<const uint32_t> rows,
          const int64_t* positions, Work& work);

}  // namespace recfast
