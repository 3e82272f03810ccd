#pragma once
// VectorDevice: where the vectors of a search are scanned, if not on this CPU.

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "retrieval/contest.h"

namespace recfast {

struct DeviceQuery {
  const float* vector = nullptr;       // f32 [dim], scaled as bounds.h says, format f32
  Bound bound;                         // for the largest |bias|
  const uint64_t* eligible = nullptr;  // as in VectorQuery
};

class VectorDevice {
 public:
  virtual ~VectorDevice() = default;
  // The largest `count` of highest().
  virtual int64_t most_candidates() const noexcept = 0;
  // Per query the `count` eligible rows with the largest upper bounds, the largest first; all, where there are fewer.
  // Throws DeviceError.
  virtual std::vector<std::vector<Candidate>> highest(std::span<const DeviceQuery> queries, int64_t count) const = 0;
};

}  // namespace recfast
