#pragma once
// A score and its row as one u64, larger is better: score descending, then lower row, NaN behind -inf, -0 equal to 0.
// The rule of retrieval/topk.h.
//
//   order of the score (u32) << 32 | ~row        order: the bits, flipped so that they ascend with the score
//   0: no row at all

#include <cstdint>
#include <cstring>

#include "base/host_device.h"

namespace recfast::cuda {

inline constexpr uint32_t kNanOrder = 1;  // below that of -inf
inline constexpr uint32_t kSign = 0x80000000u;

RECFAST_HOST_DEVICE inline uint64_t ranked(float score, uint32_t row) noexcept {
  score += 0.0f;  // -0 becomes +0
  uint32_t bits;
  memcpy(&bits, &score, sizeof bits);
  const uint32_t order = score != score ? kNanOrder : (bits & kSign) != 0 ? ~bits : bits | kSign;
  return static_cast<uint64_t>(order) << 32 | static_cast<uint32_t>(~row);
}

RECFAST_HOST_DEVICE inline uint32_t ranked_row(uint64_t key) noexcept {
  return ~static_cast<uint32_t>(key);
}

RECFAST_HOST_DEVICE inline float ranked_score(uint64_t key) noexcept {
  const auto order = static_cast<uint32_t>(key >> 32);
  const uint32_t bits = order == kNanOrder ? 0x7fc00000u : (order & kSign) != 0 ? order & ~kSign : ~order;
  float score;
  memcpy(&score, &bits, sizeof score);
  return score;
}

}  // namespace recfast::cuda
