// embedding_bag against a loop: every format, pooling and kind of ids, bags of 0 to 1,000 ids. Bit-equal.

#include <cmath>

#include "cpp/check.h"
#include "cuda/device.h"

namespace recfast::cuda::test {
namespace {

using recfast::test::context;

struct Bags {
  std::vector<int64_t> ids;
  std::vector<int64_t> offsets{0};
  std::vector<float> weights;
};

Bags any_bags(const std::vector<int64_t>& lengths, int64_t rows) {
  Bags bags;
  for (const int64_t length : lengths) {
    for (int64_t i = 0; i < length; ++i) {
      bags.ids.push_back(any_int(rows));
      bags.weights.push_back(any_float());
    }
    bags.offsets.push_back(static_cast<int64_t>(bags.ids.size()));
  }
  return bags;
}

float pooled(const Rows& table, const Bags& bags, size_t b, int64_t d, Pooling pooling, bool weighted) {
  const auto begin = static_cast<size_t>(bags.offsets[b]);
  const auto end = static_cast<size_t>(bags.offsets[b + 1]);
  float sum = 0;
  for (size_t i = begin; i < end; ++i) {
    const float value = table.value(bags.ids[i], d);
    if (pooling == Pooling::kMax)
      sum = i == begin || value > sum ? value : sum;
    else if (weighted)
      sum = i == begin ? bags.weights[i] * value : std::fma(bags.weights[i], value, sum);
    else
      sum = i == begin ? value : sum + value;
  }
  return pooling == Pooling::kMean && end - begin > 1 ? sum / static_cast<float>(end - begin) : sum;
}

void compare(const Rows& table, int64_t dim, const Bags& bags, bool wide) {
  const auto count = static_cast<int64_t>(bags.offsets.size()) - 1;
  const Array<int64_t> ids(bags.ids);
  const Array<int32_t> narrow(std::vector<int32_t>(bags.ids.begin(), bags.ids.end()));
  const Array<int64_t> offsets(bags.offsets);
  const Array<float> weights(bags.weights);
  const int64_t stride = dim + 3;
  const Ids given{wide ? static_cast<const void*>(ids.data()) : narrow.data(), wide};
  for (const Pooling pooling : {Pooling::kSum, Pooling::kMean, Pooling::kMax}) {
    for (const bool weighted : {false, true}) {
      if (weighted && pooling == Pooling::kMax) continue;
      const Array<float> out(std::vector<float>(static_cast<size_t>(count * stride), kSentinel));
      ok(embedding_bag(table.device(), given, offsets.data(), count, weighted ? weights.data() : nullptr, pooling,
                       {out.data(), stride}, nullptr));
      const std::vector<float> found = out.host();
      bool equal = true;
      for (int64_t b = 0; b < count; ++b)
        for (int64_t d = 0; d < stride; ++d)
          equal &= found[static_cast<size_t>(b * stride + d)] ==
                   (d < dim ? pooled(table, bags, static_cast<size_t>(b), d, pooling, weighted) : kSentinel);
      CHECK(equal);
    }
  }
}

TEST(bags_of_every_length) {
  constexpr int64_t kRows = 50;
  for (const DeviceFormat format : kFormats) {
    for (const int64_t dim : {1, 7, 16, 33, 64, 128}) {
      if (small() && dim != 33) continue;
      const Rows table(format, kRows, dim);
      const std::vector<int64_t> few = {0, 1, 2, 3, 4, 5, 6, 0, 9, 0};
      std::vector<int64_t> many = {0, 1000, 31, 32, 33, 0};
      if (small()) many = {40};
      for (const auto& lengths : {few, many, std::vector<int64_t>{}}) {
        for (const bool wide : {false, true}) {
          context = "format " + std::to_string(static_cast<int>(format)) + ", dim " + std::to_string(dim) + ", " +
                    std::to_string(lengths.size()) + " bags";
          compare(table, dim, any_bags(lengths, kRows), wide);
        }
      }
    }
  }
}

TEST(without_offsets_a_bag_is_one_id) {
  const Rows table(DeviceFormat::kF16, 20, 24);
  std::vector<int64_t> picked;
  for (int i = 0; i < 300; ++i) picked.push_back(any_int(20));
  const Array<int64_t> ids(picked);
  const Array<float> out(std::vector<float>(300 * 24, kSentinel));
  ok(embedding_bag(table.device(), {ids.data(), true}, nullptr, 300, nullptr, Pooling::kSum, {out.data(), 24},
                   nullptr));
  const std::vector<float> found = out.host();
  bool equal = true;
  for (int64_t b = 0; b < 300; ++b)
    for (int64_t d = 0; d < 24; ++d)
      equal &= found[static_cast<size_t>(b * 24 + d)] == table.value(picked[static_cast<size_t>(b)], d);
  CHECK(equal);
}

}  // namespace
}  // namespace recfast::cuda::test
