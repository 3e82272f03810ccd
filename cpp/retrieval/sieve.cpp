#include "retrieval/sieve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace recfast {
namespace {

// Squared lengths between which sums of squares are off by rounding alone: neither too small nor too large for f32.
constexpr float kSmallest = 0x1p-80f;
constexpr float kLargest = 0x1p80f;
// Of a cosine: 1 for the row (bounds.h, f32), and 1 since 1 / |x| is off by less than (dim + 16) u, as the sum is.
constexpr float kCosineSlack = 2;

constexpr auto kAllGroups = [] {
  std::array<uint8_t, kBlockRows / kGroupRows> groups{};
  for (size_t g = 0; g < groups.size(); ++g) groups[g] = static_cast<uint8_t>(g);
  return groups;
}();

}  // namespace

void Sieve::begin(const VectorSpace& space, const float* query, double length, float max_bias, int64_t k) {
  space_ = {.format = VectorFormat::kF32, .metric = space.metric, .dim = space.dim};
  vector_.resize(static_cast<size_t>(space.dim));
  query_ = prepare_query(space_, query, length, max_bias, vector_.data());
  query_.bound = query_.in_block(max_bias);
  vectors_.resize(kRows);
  rows_.resize(kRows);
  for (AlignedBuffer<float>* numbers : {&bias_, &dots_, &lengths_, &inverse_, &upper_}) numbers->resize(kRows);
  count_ = 0;
  contest_.reset(k, query_.scaling, -std::numeric_limits<float>::infinity());
}

void Sieve::add(const VectorBlock& block, int64_t first_row, const uint64_t* rows, const KernelTable& kernels) {
  biased_ = block.bias != nullptr;  // as in all blocks
  if (count_ > kRows - kBlockRows) offer(kernels);
  int64_t count = count_;
  const float** vectors = vectors_.data();
  uint32_t* numbers = rows_.data();
  for (int64_t w = 0; w < kBlockWords; ++w) {
    for (uint64_t bits = rows[w]; bits != 0; bits &= bits - 1, ++count) {
      const int64_t row = w * 64 + __builtin_ctzll(bits);
      vectors[count] = block.rows + row * block.stride;
      numbers[count] = static_cast<uint32_t>(first_row + row);
    }
  }
  if (biased_)
    for (int64_t i = count_; i < count; ++i) bias_[static_cast<size_t>(i)] = block.bias[numbers[i] - first_row];
  count_ = count;
}

Contest& Sieve::finish(const KernelTable& kernels) {
  offer(kernels);
  return contest_;
}

// Offers what was added.
void Sieve::offer(const KernelTable& kernels) {
  float* lengths = lengths_.data();
  kernels.row_products(vectors_.data(), count_, space_.dim, vector_.data(), dots_.data(), lengths);
  constexpr float kUnknown = std::numeric_limits<float>::infinity();
  if (space_.metric == Metric::kCosine) {
    for (int64_t i = 0; i < count_; ++i) {
      const float square = lengths[i];
      const bool known = square >= kSmallest && square <= kLargest;
      inverse_[static_cast<size_t>(i)] = known ? 1 / std::sqrt(square) : 0.0f;
      lengths[i] = known ? kCosineSlack : kUnknown;
    }
  } else {
    const float more = 1 + static_cast<float>(space_.dim + 16) * 0x1p-24f;
    for (int64_t i = 0; i < count_; ++i) {
      const float square = lengths[i];
      lengths[i] = square >= kSmallest && square <= kLargest ? std::sqrt(square) * more : kUnknown;
    }
  }
  for (int64_t first = 0; first < count_; first += kBlockRows)
    offer_block(first, std::min(kBlockRows, count_ - first), kernels);
  count_ = 0;
}

// Rows [first, first + count) of those that were added, as if they were a block.
void Sieve::offer_block(int64_t first, int64_t count, const KernelTable& kernels) {
  VectorBlock block;
  block.slack = lengths_.data() + first;
  block.scale = space_.metric == Metric::kCosine ? inverse_.data() + first : nullptr;
  block.bias = biased_ ? bias_.data() + first : nullptr;
  float* upper = upper_.data() + first;
  std::array<uint64_t, kBlockWords> reached;
  if (!kernels.upper_bounds(dots_.data() + first, kAllGroups.data(), (count + kGroupRows - 1) / kGroupRows, block.scale,
                            block.slack, block.bias, query_.bound, contest_.bar(), upper, reached.data()))
    return;
  for (int64_t w = 0; w < kBlockWords; ++w) {
    for (uint64_t bits = reached[static_cast<size_t>(w)] & row_bits(count, w); bits != 0; bits &= bits - 1) {
      const int64_t at = w * 64 + __builtin_ctzll(bits);
      const float most = at_most(upper[at]);
      contest_.offer(rows_[static_cast<size_t>(first + at)], most, lower_bound(block, at, query_.bound, most));
    }
  }
}

}  // namespace recfast
