#pragma once
// RowSet: a small set of catalogue rows. As large as what one call takes, not as the catalogue: it stays in the L1
// cache.

#include <bit>
#include <cstdint>
#include <vector>

namespace recfast {

class RowSet {
 public:
  // Forgets everything and makes room for `rows` rows.
  void reset(int64_t rows) {
    const uint64_t capacity = std::bit_ceil(static_cast<uint64_t>(2 * rows + 2));
    slots_.assign(capacity, 0);
    shift_ = 64 - std::countr_zero(capacity);
  }
  // False when it is in already.
  bool insert(int64_t row) {
    uint32_t& slot = slots_[place_of(row)];
    if (slot != 0) return false;
    slot = static_cast<uint32_t>(row) + 1;
    return true;
  }
  bool contains(int64_t row) const { return slots_[place_of(row)] != 0; }

 private:
  // Where the row is, or the free slot where it would be.
  size_t place_of(int64_t row) const {
    const uint32_t wanted = static_cast<uint32_t>(row) + 1;
    const size_t mask = slots_.size() - 1;
    size_t at = static_cast<uint64_t>(row) * 0x9e3779b97f4a7c15u >> shift_;
    while (slots_[at] != 0 && slots_[at] != wanted) at = (at + 1) & mask;
    return at;
  }

  std::vector<uint32_t> slots_ = {0, 0};  // row + 1, or 0
  int shift_ = 63;
};

}  // namespace recfast
