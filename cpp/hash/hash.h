#pragma once
// From a raw value to a table row: hash64, then bucket. Pure functions, the same on every CPU and, of integers, in CUDA
// kernels; golden vectors in tests/hash.

#include <cstdint>
#include <string_view>

#include "hash/xxh64.h"

namespace recfast {

// A string's or a byte string's hash: XXH64 of its bytes (strings are UTF-8).
inline uint64_t hash_bytes(std::string_view bytes, uint64_t seed) noexcept {
  return xxh64(bytes.data(), bytes.size(), seed);
}

// An integer's hash: XXH64 of its 8 little-endian bytes. Values in [2^63, 2^64) come as their two's complement.
RECFAST_HOST_DEVICE inline uint64_t hash_int(int64_t value, uint64_t seed) noexcept {
  using namespace xxh64_detail;
  return avalanche(mix8(seed + kPrime5 + 8, static_cast<uint64_t>(value)));
}

// The seed of a feature's hashes: XXH64 of its name in UTF-8, seed 0.
inline uint64_t field_seed(std::string_view name) noexcept {
  return hash_bytes(name, 0);
}

// floor(hash * buckets / 2^64), in [0, buckets); buckets >= 1.
RECFAST_HOST_DEVICE inline uint64_t bucket(uint64_t hash, uint64_t buckets) noexcept {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>((static_cast<Wide>(hash) * buckets) >> 64);
}

}  // namespace recfast
