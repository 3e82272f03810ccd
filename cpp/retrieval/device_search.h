#pragma once
// The exact k best by a scan on a device: it names the rows with the largest upper bounds, and these are scored exactly
// here. Where a row that it did not name could still be among the best, and where k is beyond it, the CPU searches.

#include <cstdint>
#include <span>
#include <vector>

#include "retrieval/vector_device.h"
#include "retrieval/vector_index.h"

namespace recfast {

// As index.search(), and with the same results. device: holds the vectors of the index. Throws DeviceError, too.
std::vector<Nearest> device_search(const VectorDevice& device, const VectorIndex& index,
                                   std::span<const VectorQuery> queries, int64_t threads, Spares<SearchWork>& spares);

}  // namespace recfast
