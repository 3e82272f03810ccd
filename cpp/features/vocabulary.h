#pragma once
// Vocabulary: hash of a value -> its place, for the values that have rows of their own. One flat table with open
// addressing: a look-up reads one cache line, where std::unordered_map follows two pointers.

#include <cstdint>
#include <vector>

namespace recfast {

class Vocabulary {
 public:
  // For `size` values at most.
  explicit Vocabulary(int64_t size);

  // False when the hash is there already.
  bool insert(uint64_t hash, int64_t place) noexcept;
  // The place, or -1.
  int64_t find(uint64_t hash) const noexcept {
    for (uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
      if (slots_[at].place < 0 || slots_[at].hash == hash) return slots_[at].place;
    }
  }
  // Asks for the memory that find(hash) will read.
  void prefetch(uint64_t hash) const noexcept { __builtin_prefetch(&slots_[hash & mask_]); }

 private:
  struct Slot {
    uint64_t hash = 0;
    int64_t place = -1;  // -1: free
  };
  std::vector<Slot> slots_;  // a power of two, at most half of them taken
  uint64_t mask_;
};

}  // namespace recfast
