#include "features/vocabulary.h"

#include <bit>

namespace recfast {

Vocabulary::Vocabulary(int64_t size)
    : slots_(std::bit_ceil(2 * static_cast<uint64_t>(size) + 1)), mask_(slots_.size() - 1) {}

bool Vocabulary::insert(uint64_t hash, int64_t place) noexcept {
  uint64_t at = hash & mask_;
  for (; slots_[at].place >= 0; at = (at + 1) & mask_) {
    if (slots_[at].hash == hash) return false;
  }
  slots_[at] = {hash, place};
  return true;
}

}  // namespace recfast
