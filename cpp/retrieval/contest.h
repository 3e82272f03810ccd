#pragma once
// Contest: which rows can still be among the best k of one query, while a scan goes on. Every row offered whose upper
// bound reaches the bar stays a candidate; the bar is what the k-th lower bound allows.

#include <cstdint>
#include <vector>

#include "retrieval/bounds.h"
#include "retrieval/kth_largest.h"

namespace recfast {

struct Candidate {
  float upper;
  uint32_t row;
};

class Contest {
 public:
  // Forgets everything. bar: what another contest of the same query has reached; -inf to begin with.
  void reset(int64_t k, const Scaling& scaling, float bar);

  // No row with a lower upper bound can be among the best.
  float bar() const noexcept { return bar_; }
  void offer(uint32_t row, float upper, float lower);
  // Takes over what another one of the same query found among other rows.
  void absorb(const Contest& other);
  // The candidates that reach the final bar.
  std::vector<Candidate>& finish();
  // The bar where the k-th best score is known to be at least `score`.
  float bar_of_score(float score) const noexcept { return scaling_.bar_of_score(score); }

 private:
  void raise_bar();
  void drop();

  Scaling scaling_;
  float bar_ = 0;
  size_t drop_at_ = 0;
  KthLargest lower_;
  std::vector<Candidate> candidates_;
};

}  // namespace recfast
