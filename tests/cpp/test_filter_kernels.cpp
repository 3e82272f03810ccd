#include <limits>

#include "cpp/kernel_cases.h"

using namespace recfast;
using namespace recfast::test;

namespace {

constexpr uint64_t kGuard = 0x5a5a5a5a5a5a5a5a;
const std::vector<int64_t> kWords = {0, 1, 2, 3, 4, 5, 7, 16};

// kernel(x, words, out) against passes(x[i]), with a sentinel behind the output.
template <class T, class Kernel, class Passes>
void check_bits(const Exact<T>& x, int64_t words, Kernel&& kernel, Passes&& passes) {
  Exact<uint64_t> bits(words + 1);
  bits[words] = kGuard;
  kernel(x.data(), words, bits.data());
  bool right = true;
  for (int64_t i = 0; i < words * 64; ++i) right &= (bits[i / 64] >> (i % 64) & 1) == uint64_t{passes(x[i])};
  CHECK(right);
  CHECK(bits[words] == kGuard);
}

template <class T>
void check_ranges(const KernelTable& kernels, void (*kernel)(const T*, int64_t, T, T, uint64_t*) noexcept,
                  const std::vector<T>& edges) {
  std::mt19937 generator(7);
  for (const int64_t words : kWords) {
    Exact<T> x(words * 64);
    for (int64_t i = 0; i < x.size(); ++i) x[i] = edges[generator() % edges.size()];
    for (const T low : edges) {
      for (const T high : edges) {
        at(kernels, {words});
        check_bits(
            x, words, [&](const T* from, int64_t n, uint64_t* out) { kernel(from, n, low, high, out); },
            [&](T value) { return low <= value && value <= high; });
      }
    }
  }
}

}  // namespace

TEST(in_range_finds_exactly_those) {
  using Double = std::numeric_limits<double>;
  for_each_isa([](const KernelTable& kernels) {
    check_ranges<int64_t>(kernels, kernels.in_range_i64,
                          {INT64_MIN, INT64_MIN + 1, -1, 0, 1, int64_t{1} << 53, INT64_MAX - 1, INT64_MAX});
    check_ranges<double>(
        kernels, kernels.in_range_f64,
        {-Double::infinity(), -1.5, -0.0, 0.0, Double::denorm_min(), 0x1p53, Double::infinity(), Double::quiet_NaN()});
  });
}

TEST(equal_finds_exactly_those) {
  for_each_isa([](const KernelTable& kernels) {
    const std::vector<uint32_t> codes = {0, 1, 2, 0x7fffffff, 0x80000000, UINT32_MAX};
    std::mt19937 generator(8);
    for (const int64_t words : kWords) {
      Exact<uint32_t> x(words * 64);
      for (int64_t i = 0; i < x.size(); ++i) x[i] = codes[generator() % codes.size()];
      for (const uint32_t wanted : codes) {
        at(kernels, {words, wanted});
        check_bits(
            x, words, [&](const uint32_t* from, int64_t n, uint64_t* out) { kernels.equal_u32(from, n, wanted, out); },
            [&](uint32_t code) { return code == wanted; });
      }
    }
  });
}
