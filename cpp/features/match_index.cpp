#include "features/match_index.h"

#include <algorithm>
#include <bit>

namespace recfast {

void MatchIndex::build(std::span<const uint64_t> hashes) {
  const uint64_t capacity = std::bit_ceil(std::max<uint64_t>(2 * hashes.size(), 2));
  tags_.assign(capacity, 0);
  if (slots_.size() < capacity) slots_.resize(capacity);
  mask_ = capacity - 1;
  for (size_t i = 0; i < hashes.size(); ++i) {
    const uint64_t hash = hashes[i];
    if (hash == 0) continue;
    uint64_t at = hash & mask_;
    while (tags_[at] != 0 && slots_[at].hash != hash) at = (at + 1) & mask_;
    tags_[at] = tag_of(hash);
    slots_[at] = {hash, static_cast<int64_t>(i)};
  }
}

}  // namespace recfast
