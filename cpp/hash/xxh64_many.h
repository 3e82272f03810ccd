#pragma once
// XXH64 of many texts at once. The length of a text decides branches that nobody can foresee, so texts of one length go
// together, beside each other.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "hash/xxh64_lanes.h"

namespace recfast {

inline constexpr int64_t kHashBlock = 42 * xxh64_detail::kLanes;

struct HashTexts {
  const unsigned char* data[kHashBlock];
  size_t length[kHashBlock];
  void set(int64_t i, std::string_view text) noexcept {
    data[i] = reinterpret_cast<const unsigned char*>(text.data());
    length[i] = text.size();
  }
};

namespace xxh64_detail {
// Of any lengths. n: at most kHashBlock.
void hash_unequal(const HashTexts& texts, int64_t n, uint64_t seed, uint64_t* out) noexcept;
}  // namespace xxh64_detail

// out[i] = xxh64 of text_at(i), for i < n.
template <class TextAt>
void xxh64_many(int64_t n, const TextAt& text_at, uint64_t seed, uint64_t* out) noexcept {
  for (int64_t first = 0; first < n; first += kHashBlock, out += kHashBlock) {
    const int64_t count = std::min(kHashBlock, n - first);
    const size_t length = text_at(first).size();
    size_t difference = 0;
    for (int64_t i = 0; i < count; ++i) difference |= text_at(first + i).size() ^ length;
    if (difference == 0 && length < 32) {
      xxh64_detail::hash_equal(
          count, length, seed, out,
          [&](int64_t i) { return reinterpret_cast<const unsigned char*>(text_at(first + i).data()); },
          [](int64_t i) { return i; });
      continue;
    }
    HashTexts texts;
    for (int64_t i = 0; i < count; ++i) texts.set(i, text_at(first + i));
    xxh64_detail::hash_unequal(texts, count, seed, out);
  }
}

}  // namespace recfast
