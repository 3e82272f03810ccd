#pragma once
// Scan: blocks of codes against a slab of queries; who reaches a query's bar goes to its contest.

#include <cstdint>
#include <span>
#include <vector>

#include "retrieval/bounds.h"
#include "retrieval/search_work.h"
#include "retrieval/vector_block.h"

namespace recfast {

// What the threads of one search share: the queries that are scanned, as kernels read them.
struct Slab {
  const VectorSpace* space = nullptr;
  std::span<const std::shared_ptr<const VectorBlock>> blocks;
  std::vector<ScanQuery> queries;
  std::vector<const uint64_t*> eligible;  // per query: bitmaps [blocks, kBlockWords], or null
  bool filtered = false;                  // every query has one
  const uint8_t* codes = nullptr;         // int16 or float [queries, padded_dim]
};

// work.contests: one per query of the slab.
void scan_block(const Slab& slab, int64_t block, const KernelTable& kernels, SearchWork& work);

}  // namespace recfast
