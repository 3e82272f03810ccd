#pragma once
// PairStage: the pair stage of a Program, compiled for a CUDA device. Requests and items are the CPU executor's: their
// rows have the same layout here.
//
//   best k of: request row [request_width], item rows, encoded pair features -> pair steps -> score -> top k
//
// A PairEngine may score instead of the pair steps; those that compute what it reads are left then. A tile is filled up
// to the rows of its arena, so that calls of one bucket do the same work, which becomes a CUDA graph where it can.
//
// Immutable but for the idle arenas; calls of several threads take one each.

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "backends/cpu/executor.h"
#include "backends/cuda/arena.h"
#include "backends/cuda/buckets.h"
#include "backends/cuda/item_store.h"
#include "features/encoder.h"
#include "retrieval/topk.h"

namespace recfast::cuda {

class PairStage {
 public:
  static constexpr int64_t kBuckets[] = {256, 512, 1024, 2048, 4096, 8192, 16384};  // rows of an arena

  // executor: whose layout of the request's and the items' rows it shares. engine: or null. Throws DeviceError without
  // a device, ValueError naming the step that it cannot run, or what the engine reads that the executor does not name.
  explicit PairStage(const cpu::Executor& executor, std::shared_ptr<const PairEngine> engine = nullptr);

  int64_t item_width() const noexcept { return sizes_.item_width; }
  // Rows of the largest arena that the device's memory was enough for so far.
  int64_t most_rows() const noexcept { return arena_rows(arenas_.largest()); }
  // How many tiles were a graph so far.
  int64_t graph_launches() const noexcept { return graph_launches_.load(std::memory_order_relaxed); }
  // Throws DeviceError in a process that was forked from the one that made this.
  void check_process() const;

  // An arena for a request that ranks `rows` candidates. Where memory is not enough for one of that size, a smaller
  // one; DeviceError when not even the smallest fits.
  using Lease = Buckets<Arena, std::size(kBuckets)>::Lease;
  Lease lease(int64_t rows) const;

  // f32 [request_width], for the tiles that follow.
  void set_request(Arena& arena, const float* row) const;
  // A tile's best k go to the collector. rows: the rows that break ties; at most arena.rows. Their item sides: rows of
  // `resident`, or, where it is null, f32 rows in arena.host_items in their order.
  void rank(Arena& arena, std::span<const uint32_t> rows, const ItemVersion* resident, const EncodedArrays& pair,
            int64_t k, TopKCollector& collector) const;

 private:
  int64_t arena_rows(size_t bucket) const noexcept;

  std::shared_ptr<const Encoder> encoder_;
  std::shared_ptr<const Program> program_;
  std::unique_ptr<const PairNetwork> network_;
  ArenaSizes sizes_;
  std::vector<std::unique_ptr<Step>> steps_;
  int64_t score_ = 0;
  int process_ = 0;
  mutable std::atomic<int64_t> graph_launches_{0};
  mutable Buckets<Arena, std::size(kBuckets)> arenas_;
};

}  // namespace recfast::cuda
