#include "hash/xxh64_many.h"

#include <algorithm>

#include "hash/xxh64_lanes.h"

namespace recfast::xxh64_detail {
namespace {

constexpr size_t kLong = 32;     // bytes from which a text is hashed in stripes, by itself
constexpr int64_t kStreams = 4;  // of counters, so that one length does not wait for its own last count

// Where fewer than one text in kForeseen differs in length from the one before, branches are foreseen well enough.
constexpr int64_t kForeseen = 3;

constexpr int64_t kWorthSorting = 64;

}  // namespace

void hash_unequal(const HashTexts& texts, int64_t n, uint64_t seed, uint64_t* out) noexcept {
  int64_t changes = 0;
  for (int64_t i = 1; i < n; ++i) changes += texts.length[i] != texts.length[i - 1] ? 1 : 0;
  if (n < kWorthSorting || changes < n / kForeseen) {
    for (int64_t i = 0; i < n; ++i) out[i] = xxh64(texts.data[i], texts.length[i], seed);
    return;
  }

  // Sorted by length, by counting.
  uint8_t lengths[kHashBlock];
  for (int64_t i = 0; i < n; ++i) lengths[i] = static_cast<uint8_t>(std::min(texts.length[i], kLong));
  uint16_t counts[(kLong + 1) * kStreams] = {};
  const auto count_of = [&](int64_t i) -> uint16_t& { return counts[lengths[i] * kStreams + i % kStreams]; };
  const auto for_all = [&](auto&& visit) {
    int64_t i = 0;
    for (; i + kStreams <= n; i += kStreams)
      for (int64_t s = 0; s < kStreams; ++s) visit(i + s);
    for (; i < n; ++i) visit(i);
  };
  for_all([&](int64_t i) { ++count_of(i); });
  int64_t begins[kLong + 2];
  uint16_t sum = 0;
  for (size_t l = 0; l <= kLong; ++l) {
    begins[l] = sum;
    for (int64_t s = 0; s < kStreams; ++s) {
      uint16_t& count = counts[static_cast<int64_t>(l) * kStreams + s];
      const uint16_t found = count;
      count = sum;
      sum = static_cast<uint16_t>(sum + found);
    }
  }
  begins[kLong + 1] = sum;
  uint8_t order[kHashBlock];
  for_all([&](int64_t i) { order[count_of(i)++] = static_cast<uint8_t>(i); });
  for (size_t l = 0; l < kLong; ++l) {
    const uint8_t* places = order + begins[l];
    hash_equal(
        begins[l + 1] - begins[l], l, seed, out, [&](int64_t i) { return texts.data[i]; },
        [=](int64_t i) { return places[i]; });
  }
  for (int64_t i = begins[kLong]; i < n; ++i) {
    out[order[i]] = long_input(texts.data[order[i]], texts.length[order[i]], seed);
  }
}

}  // namespace recfast::xxh64_detail
