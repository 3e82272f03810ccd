#pragma once
// VectorScan: f32 vectors in device memory, and the rows with the largest upper bounds for queries. A pass scans a tile
// of rows for queries that may return the same rows.

#include <memory>
#include <span>
#include <vector>

#include "backends/cuda/buckets.h"
#include "backends/cuda/device_rows.h"
#include "backends/cuda/memory.h"
#include "retrieval/vector_block.h"
#include "retrieval/vector_device.h"

namespace recfast::cuda {

class VectorScan final : public VectorDevice {
 public:
  // Copies the vectors to the device. blocks: all but the last one are full. Throws DeviceError.
  VectorScan(const VectorSpace& space, const VectorBlocks& blocks);
  ~VectorScan() override;

  int64_t most_candidates() const noexcept override;
  std::vector<std::vector<Candidate>> highest(std::span<const DeviceQuery> queries, int64_t count) const override;

 private:
  struct Sizes {
    int64_t queries;
    int64_t rows;  // a multiple of 64
  };
  static constexpr Sizes kSizes[] = {{1, 4096}, {1, 65536}, {4, 1 << 18}, {16, 1 << 20}};  // of a pass

  struct Pass;  // a stream and the memory of one
  using Passes = Buckets<Pass, std::size(kSizes)>;
  Passes::Lease lease(int64_t queries) const;
  void run(Pass& pass, std::span<const DeviceQuery> queries, int64_t count,
           std::span<std::vector<Candidate>> out) const;

  int64_t rows_ = 0;
  int64_t dim_;
  int64_t query_stride_;
  int process_;
  OwnedRows vectors_;
  DeviceMemory scale_;  // empty: 1
  DeviceMemory slack_;
  DeviceMemory bias_;  // empty: 0
  mutable Passes passes_;
};

}  // namespace recfast::cuda
