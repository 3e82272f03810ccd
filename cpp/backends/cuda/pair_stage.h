#pragma once
// PairStage: the pair stage of a Program, compiled for a CUDA device. Requests and items are the CPU executor's: their
// rows have the same layout here.
//
//   best k of: request row [request_width], item rows, encoded pair features -> pair steps -> score -> top k
//
// Immutable but for the idle arenas; calls of several threads take one each.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/cuda/arena.h"
#include "backends/cuda/buckets.h"
#include "backends/cuda/item_store.h"
#include "features/encoder.h"
#include "retrieval/topk.h"

namespace recfast::cuda {

class PairStage {
 public:
  static constexpr int64_t kBuckets[] = {256, 1024, 4096, 16384};  // rows of an arena

  // request_width: of the CPU executor. Throws DeviceError without a device, ValueError naming the step that it cannot
  // run.
  PairStage(std::shared_ptr<const Encoder> encoder, std::shared_ptr<const Program> program, int64_t request_width);

  int64_t item_width() const noexcept { return sizes_.item_width; }
  // Rows of the largest arena that the device's memory was enough for so far.
  int64_t most_rows() const noexcept { return kBuckets[arenas_.largest()]; }
  // Throws DeviceError in a process that was forked from the one that made this.
  void check_process() const;

  // An arena for a request that ranks `rows` candidates. Where memory is not enough for one of that size, a smaller
  // one; DeviceError when not even the smallest fits.
  using Lease = Buckets<Arena, std::size(kBuckets)>::Lease;
  Lease lease(int64_t rows) const;

  // f32 [request_width].
  void set_request(Arena& arena, const float* row) const;
  // A tile's best k go to the collector. rows: the rows that break ties; at most arena.rows. Their item sides: rows of
  // `resident`, or, where it is null, f32 rows in arena.host_items in their order.
  void rank(Arena& arena, std::span<const uint32_t> rows, const ItemVersion* resident, const EncodedArrays& pair,
            int64_t k, TopKCollector& collector) const;

 private:
  std::shared_ptr<const Encoder> encoder_;
  std::shared_ptr<const Program> program_;
  ArenaSizes sizes_;
  std::vector<std::unique_ptr<Step>> steps_;
  int64_t score_ = 0;
  int process_ = 0;
  mutable Buckets<Arena, std::size(kBuckets)> arenas_;
};

}  // namespace recfast::cuda
