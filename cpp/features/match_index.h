#pragma once
// MatchIndex: key hash -> position of the key in a map. Open addressing with one tag byte per slot, so that a miss, the
// usual case, reads one byte of a small array.

#include <cstdint>
#include <span>
#include <vector>

namespace recfast {

class MatchIndex {
 public:
  // hashes: of the keys in order; 0 means "no key" and is left out. Of equal hashes the last position counts.
  void build(std::span<const uint64_t> hashes);

  // The position of the key, or -1. Hash 0 is found nowhere.
  int64_t find(uint64_t hash) const noexcept {
    const uint8_t tag = tag_of(hash);
    for (uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
      const uint8_t found = tags_[at];
      if (found == 0) return -1;
      if (found == tag && slots_[at].hash == hash) return slots_[at].position;
    }
  }

 private:
  struct Slot {
    uint64_t hash;
    int64_t position;
  };
  // The high bits; the low ones choose the slot. Never 0, which marks a free slot.
  static uint8_t tag_of(uint64_t hash) noexcept { return static_cast<uint8_t>((hash >> 56) | 1); }

  std::vector<uint8_t> tags_{0};
  std::vector<Slot> slots_{{}};
  uint64_t mask_ = 0;
};

}  // namespace recfast
