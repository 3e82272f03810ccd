#include "ranking/eligible_rows.h"

#include <bit>

namespace recfast {

void EligibleRows::reset(const Snapshot& snapshot, const Eligible* filter, std::span<const uint32_t> excluded) {
  rows_ = snapshot.rows;
  count_ = snapshot.living;
  all_ = filter == nullptr && excluded.empty() && snapshot.living == snapshot.rows;
  if (all_) return;
  const int64_t blocks = block_count(rows_);
  words_.resize(static_cast<size_t>(blocks * kBlockWords));
  count_ = 0;
  for (int64_t block = 0; block < blocks; ++block) {
    const uint64_t* alive = snapshot.alive(block);
    const uint64_t* chosen = filter == nullptr ? alive : filter->words(block);
    uint64_t* words = words_.data() + block * kBlockWords;
    for (int64_t w = 0; w < kBlockWords; ++w) {
      words[w] = alive[w] & chosen[w];
      count_ += std::popcount(words[w]);
    }
  }
  for (const uint32_t row : excluded) {
    uint64_t& word = words_[row / 64];
    const uint64_t bit = uint64_t{1} << (row % 64);
    if ((word & bit) != 0) --count_;
    word &= ~bit;
  }
}

}  // namespace recfast
