#pragma once
// Eligible: the rows of one version for which an expression is true, with a summary by which scans skip blocks.

#include <cstdint>
#include <span>
#include <vector>

#include "base/aligned.h"
#include "filters/attributes.h"
#include "filters/predicate.h"

namespace recfast {

class Eligible {
 public:
  // previous: of the same expression, or null. Blocks that stand at the same place in both versions are not evaluated
  // again.
  Eligible(const Predicate& predicate, const Attributes& attributes, const Eligible* previous);

  // Bits [kBlockWords] of a block's rows.
  const uint64_t* words(int64_t block) const noexcept { return words_.data() + block * kBlockWords; }
  int64_t blocks() const noexcept { return static_cast<int64_t>(counts_.size()); }
  // How many rows of a block are eligible.
  int64_t count(int64_t block) const noexcept { return counts_[static_cast<size_t>(block)]; }
  // How many rows are eligible.
  int64_t rows() const noexcept { return rows_; }
  // Of the Attributes.
  uint64_t version() const noexcept { return version_; }
  // How many blocks were evaluated for this version.
  int64_t evaluated() const noexcept { return evaluated_; }

 private:
  AlignedBuffer<uint64_t> words_;
  std::vector<uint16_t> counts_;   // per block
  std::vector<uint64_t> serials_;  // per block
  int64_t rows_ = 0;
  int64_t evaluated_ = 0;
  uint64_t version_;
};

}  // namespace recfast
