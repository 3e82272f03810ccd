#include "hash/xxh64.h"

namespace recfast::xxh64_detail {

namespace {

uint64_t merge(uint64_t h, uint64_t lane) noexcept {
  return (h ^ round(0, lane)) * kPrime1 + kPrime4;
}

}  // namespace

uint64_t long_input(const unsigned char* p, size_t n, uint64_t seed) noexcept {
  uint64_t a = seed + kPrime1 + kPrime2;
  uint64_t b = seed + kPrime2;
  uint64_t c = seed;
  uint64_t d = seed - kPrime1;
  size_t rest = n;
  for (; rest >= 32; rest -= 32, p += 32) {
    a = round(a, load<uint64_t>(p));
    b = round(b, load<uint64_t>(p + 8));
    c = round(c, load<uint64_t>(p + 16));
    d = round(d, load<uint64_t>(p + 24));
  }
  uint64_t h = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
  h = merge(merge(merge(merge(h, a), b), c), d);
  return finish(h + n, p, rest);
}

}  // namespace recfast::xxh64_detail
