#pragma once
// XXH64 of texts of one length below 32, several beside each other: one text alone is a chain of multiplications that
// each wait for the last one.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "hash/xxh64.h"

namespace recfast::xxh64_detail {

// Of 1 to 8, six chains were the fastest on Zen 3: fewer leave the multiplier idle, more leave the registers.
inline constexpr int64_t kLanes = 6;

inline constexpr auto kBytes = [] {  // byte * kPrime5: one multiplication less per byte at the end of a text
  std::array<uint64_t, 256> out{};
  for (size_t byte = 0; byte < out.size(); ++byte) out[byte] = byte * kPrime5;
  return out;
}();

// The hashes of kLanes texts of `length` < 32 bytes: the steps of finish(), each for all texts before the next.
inline void hash_lanes(const unsigned char* const* texts, size_t length, uint64_t seed, uint64_t* h) noexcept {
  for (int64_t k = 0; k < kLanes; ++k) h[k] = seed + kPrime5 + length;
  size_t at = 0;
  for (; at + 8 <= length; at += 8)
    for (int64_t k = 0; k < kLanes; ++k) h[k] = mix8(h[k], load<uint64_t>(texts[k] + at));
  if ((length & 4) != 0) {
    for (int64_t k = 0; k < kLanes; ++k) h[k] = mix4(h[k], load<uint32_t>(texts[k] + at));
    at += 4;
  }
  for (; at < length; ++at)
    for (int64_t k = 0; k < kLanes; ++k) h[k] = rotate(h[k] ^ kBytes[texts[k][at]], 11) * kPrime1;
  for (int64_t k = 0; k < kLanes; ++k) h[k] = avalanche(h[k]);
}

// out[i] = the hash of the `length` bytes at data(i), for i = place(0) .. place(n - 1).
template <class Data, class Place>
void hash_equal(int64_t n, size_t length, uint64_t seed, uint64_t* out, const Data& data, const Place& place) noexcept {
  const unsigned char* lanes[kLanes];
  uint64_t h[kLanes];
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int64_t k = 0; k < kLanes; ++k) lanes[k] = data(place(i + k));
    hash_lanes(lanes, length, seed, h);
    for (int64_t k = 0; k < kLanes; ++k) out[place(i + k)] = h[k];
  }
  if (i == n) return;
  for (int64_t k = 0; k < kLanes; ++k) lanes[k] = data(place(std::min(i + k, n - 1)));  // filled up with the last
  hash_lanes(lanes, length, seed, h);
  for (int64_t k = 0; i + k < n; ++k) out[place(i + k)] = h[k];
}

}  // namespace recfast::xxh64_detail
