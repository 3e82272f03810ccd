#include <limits>

#include "cpp/kernel_cases.h"

using namespace recfast;
using namespace recfast::test;

TEST(select_at_least_finds_exactly_those) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for_each_isa([](const KernelTable& kernels) {
    for (int64_t n : {0, 1, 7, 8, 9, 31, 32, 33, 85, 163, 1000}) {
      Exact<float> scores = integers(n, 3, 1);
      for (int64_t i = 4; i < n; i += 5) scores[i] = i % 2 == 0 ? NAN : i % 3 == 0 ? -kInfinity : kInfinity;
      for (float threshold : {-kInfinity, -3.0f, 0.0f, -0.0f, 2.0f, 4.0f, kInfinity, NAN}) {
        at(kernels, {n, static_cast<int64_t>(std::bit_cast<uint32_t>(threshold))});
        std::vector<uint32_t> expected;
        for (int64_t i = 0; i < n; ++i)
          if (scores[i] >= threshold) expected.push_back(static_cast<uint32_t>(i));
        Exact<uint32_t> index(n);
        const int64_t count = kernels.select_at_least(scores.data(), n, threshold, index.data());
        CHECK(std::vector<uint32_t>(index.data(), index.data() + count) == expected);
      }
    }
  });
}
