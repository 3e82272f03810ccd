#pragma once
// VectorIndex: the exact k best of all rows, or of the eligible ones, for queries: score descending, then lower row.
//
// A scan of the codes gives every row an upper bound and a lower bound of its score; whoever's upper bound reaches the
// k-th lower bound is scored exactly. Bounds decide how much is scored exactly, never what is found.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/spares.h"
#include "retrieval/scan.h"
#include "retrieval/search_work.h"
#include "retrieval/topk.h"
#include "retrieval/vector_block.h"

namespace recfast {

struct VectorQuery {
  const float* vector = nullptr;       // f32 [dim], finite
  int64_t k = 1;                       // at least 1
  const uint64_t* eligible = nullptr;  // bitmaps [blocks, kBlockWords]; bits behind the last row are not looked at.
                                       // null: all rows
};

struct Nearest {
  std::vector<Ranked> best;  // min(k, eligible rows)
  int64_t rescored = 0;      // rows that were scored exactly
};

class VectorIndex {
 public:
  // blocks: of that space; all but the last one are full.
  VectorIndex(const VectorSpace& space, VectorBlocks blocks);

  const VectorSpace& space() const noexcept { return space_; }
  const VectorBlocks& blocks() const noexcept { return blocks_; }
  int64_t rows() const noexcept { return rows_; }
  float max_bias() const noexcept { return max_bias_; }  // the largest |bias|
  int64_t size_bytes() const noexcept;                   // beside the f32 rows
  const float* vector(int64_t row) const noexcept {
    const VectorBlock& block = *blocks_[static_cast<size_t>(row / kBlockRows)];
    return block.rows + row % kBlockRows * block.stride;
  }

  // One result per query, on `threads` threads at most. spares: kept by the caller from search to search.
  std::vector<Nearest> search(std::span<const VectorQuery> queries, int64_t threads, Spares<SearchWork>& spares) const;

 private:
  void search_slab(std::span<const VectorQuery> queries, int64_t threads, Leases& leases, Nearest* out) const;
  void scan(const Slab& slab, std::span<const int64_t> wanted, int64_t threads, SearchWork& work, Leases& leases) const;
  // How a query is answered: codes of all rows scanned, eligible rows sieved, or all of them scored exactly.
  enum class Way : uint8_t { kScan, kSieve, kScore };
  Way way_of(const VectorQuery& query, int64_t queries, int64_t threads) const noexcept;
  void score_eligible(const VectorQuery& query, SearchWork& work, Nearest& out) const;
  void sieve(const VectorQuery& query, SearchWork& work, Nearest& out) const;
  void score_candidates(const VectorQuery& query, Contest& contest, SearchWork& work, Nearest& out) const;
  void score(const VectorQuery& query, double length, SearchWork& work, Nearest& out) const;

  VectorSpace space_;
  VectorBlocks blocks_;
  int64_t rows_ = 0;
  float max_bias_ = 0;
};

}  // namespace recfast
