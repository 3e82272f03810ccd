#pragma once
// PairDevice: where the pair stage of a Ranker runs, if not on this CPU.

#include <memory>
#include <span>

#include "catalog/catalog.h"
#include "ranking/work.h"
#include "split/pair_engine.h"

namespace recfast {

class PairDevice {
 public:
  virtual ~PairDevice() = default;
  // As scan(): scores rows of the snapshot, of a request that has begun, into the collector, which wants the best k.
  // Throws DeviceError.
  virtual void scan(const std::shared_ptr<const Snapshot>& snapshot, std::span<const uint32_t> rows,
                    const int64_t* positions, int64_t k, Work& work) const = 0;
  // Candidates that go to the device together, at most: fewer than it could where its memory was not enough.
  virtual int64_t most_rows() const noexcept = 0;
  // How often a whole tile was one launch of a recorded graph.
  virtual int64_t graph_launches() const noexcept = 0;
};

// CUDA's first device. engine: what scores there instead of the program's pair steps, or null; the catalogue's executor
// names the parts that it reads. Throws DeviceError where the build has no CUDA or the process no device, ValueError
// naming what the device cannot run.
std::shared_ptr<const PairDevice> cuda_pairs(const Catalog& catalog, std::shared_ptr<const PairEngine> engine);

// Throws DeviceError saying why, where cuda_pairs() could not find a device.
void check_cuda();

}  // namespace recfast
