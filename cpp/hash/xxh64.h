#pragma once
// XXH64, the 64-bit hash of every row id, on the CPU and, of inputs below 32 bytes, in CUDA kernels. Source: the xxHash
// specification, "XXH64 algorithm description", version 0.1.1.
//
//   xxh64(data, n, seed):
//     n >= 32: four lanes, acc_i = round(acc_i, word) per 8 bytes; h = merge of the lanes
//     n <  32: h = seed + P5
//     h += n; then the rest by 8, 4 and 1 bytes; then avalanche(h)

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/host_device.h"

namespace recfast {

static_assert(std::endian::native == std::endian::little, "words are read in the CPU's own order");

namespace xxh64_detail {

inline constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87u;
inline constexpr uint64_t kPrime2 = 0xC2B2AE3D27D4EB4Fu;
inline constexpr uint64_t kPrime3 = 0x165667B19E3779F9u;
inline constexpr uint64_t kPrime4 = 0x85EBCA77C2B2AE63u;
inline constexpr uint64_t kPrime5 = 0x27D4EB2F165667C5u;

RECFAST_HOST_DEVICE inline uint64_t rotate(uint64_t x, int by) noexcept {  // std::rotl is no device function
  return x << by | x >> (64 - by);
}

RECFAST_HOST_DEVICE inline uint64_t round(uint64_t acc, uint64_t word) noexcept {
  return rotate(acc + word * kPrime2, 31) * kPrime1;
}

RECFAST_HOST_DEVICE inline uint64_t mix8(uint64_t h, uint64_t word) noexcept {
  return rotate(h ^ round(0, word), 27) * kPrime1 + kPrime4;
}

RECFAST_HOST_DEVICE inline uint64_t mix4(uint64_t h, uint32_t word) noexcept {
  return rotate(h ^ (word * kPrime1), 23) * kPrime2 + kPrime3;
}

RECFAST_HOST_DEVICE inline uint64_t mix1(uint64_t h, uint8_t byte) noexcept {
  return rotate(h ^ (byte * kPrime5), 11) * kPrime1;
}

RECFAST_HOST_DEVICE inline uint64_t avalanche(uint64_t h) noexcept {
  h = (h ^ (h >> 33)) * kPrime2;
  h = (h ^ (h >> 29)) * kPrime3;
  return h ^ (h >> 32);
}

template <class Word>
RECFAST_HOST_DEVICE inline Word load(const unsigned char* p) noexcept {
  Word word;
  memcpy(&word, p, sizeof word);
  return word;
}

// h: the state after the full 32-byte stripes and + n. p: the remaining n & 31 bytes.
RECFAST_HOST_DEVICE inline uint64_t finish(uint64_t h, const unsigned char* p, size_t rest) noexcept {
  for (; rest >= 8; rest -= 8, p += 8) h = mix8(h, load<uint64_t>(p));
  if (rest >= 4) {
    h = mix4(h, load<uint32_t>(p));
    rest -= 4;
    p += 4;
  }
  for (; rest > 0; --rest, ++p) h = mix1(h, *p);
  return avalanche(h);
}

uint64_t long_input(const unsigned char* p, size_t n, uint64_t seed) noexcept;  // n >= 32

}  // namespace xxh64_detail

// data: n bytes, may be null when n = 0, any alignment.
inline uint64_t xxh64(const void* data, size_t n, uint64_t seed) noexcept {
  const auto* p = static_cast<const unsigned char*>(data);
  if (n < 32) [[likely]]
    return xxh64_detail::finish(seed + xxh64_detail::kPrime5 + n, p, n);
  return xxh64_detail::long_input(p, n, seed);
}

}  // namespace recfast
