#pragma once
// EligibleRows: which rows of a snapshot may come back: living, true for the filter, not excluded.

#include <span>

#include "base/aligned.h"
#include "catalog/snapshot.h"
#include "filters/eligible.h"

namespace recfast {

class EligibleRows {
 public:
  // filter: what a where= evaluates to, or null. excluded: rows.
  void reset(const Snapshot& snapshot, const Eligible* filter, std::span<const uint32_t> excluded);

  // Bitmaps [blocks, kBlockWords], or null: all rows.
  const uint64_t* bitmaps() const noexcept { return all_ ? nullptr : words_.data(); }
  int64_t count() const noexcept { return count_; }
  // Calls visit(row) for each in order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (int64_t first = 0; first < rows_; first += 64) {
      uint64_t left = all_ ? row_bits(rows_, first / 64) : words_[static_cast<size_t>(first / 64)];
      for (; left != 0; left &= left - 1) visit(first + std::countr_zero(left));
    }
  }

 private:
  AlignedBuffer<uint64_t> words_;
  int64_t rows_ = 0;
  int64_t count_ = 0;
  bool all_ = true;
};

}  // namespace recfast
