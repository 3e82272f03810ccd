#pragma once
// Top-k by the one rule of the project: score descending, then lower row. NaN ranks last (among NaNs, the lower row);
// -0 and +0 are equal. Exactly min(k, n) results.

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"

namespace recfast {

struct Ranked {
  int64_t row;
  float score;  // as given, except that -0 comes back as +0 and a NaN as the quiet NaN
};

// Takes scores block by block, keeps the best k. After a reset to its largest k it
// allocates nothing more, up to k = 30,000.
class TopKCollector {
 public:
  explicit TopKCollector(const KernelTable& kernels) : kernels_(&kernels) {}
  TopKCollector(const KernelTable& kernels, int64_t k) : kernels_(&kernels) { reset(k); }

  void reset(int64_t k);  // forgets everything; ValueError when k < 1

  // scores: f32 [n], those of rows first_row .. first_row + n; blocks may come in any order, rows < 2^32 (ValueError).
  void push_block(const float* scores, int64_t n, int64_t first_row);

  // The same with the row of each score given. rows: uint32 [n], or any order, each row at most once.
  void push_rows(const float* scores, const uint32_t* rows, int64_t n);

  // No later score below this one can enter (-inf until k scores that are no NaN are in). For pruning.
  float threshold() const noexcept { return threshold_; }

  // The best, best first; valid until the next reset. More blocks may be pushed afterwards.
  std::span<const Ranked> finish();

 private:
  void push(const float* scores, const uint32_t* rows, int64_t first_row, int64_t n);
  void trim();

  const KernelTable* kernels_;
  int64_t k_ = 0;
  size_t limit_ = 0;  // trim the keys when there are this many
  float threshold_ = 0;
  bool full_ = false;           // k scores that are no NaN are in
  std::vector<uint64_t> keys_;  // order of score << 32 | row: ascending is best first
  std::vector<Ranked> best_;
};

// scores: f32 [n], n < 2^32. Throws ValueError when k < 1.
std::vector<Ranked> top_k(std::span<const float> scores, int64_t k);

}  // namespace recfast
