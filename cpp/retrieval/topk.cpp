#include "retrieval/topk.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>

#include "base/error.h"
#include "kernels/cpu/dispatch.h"

namespace recfast {

namespace {

constexpr int64_t kBlock = 1024;                // scores looked at before the threshold is renewed
constexpr size_t kReserved = size_t{1} << 16;   // keys
constexpr int64_t kMaxRows = int64_t{1} << 32;  // a row is the low half of a key
constexpr uint32_t kNanOrder = 0xffffffffu;     // behind -inf
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Ascending with descending scores: the sign decides which bits are flipped. -0 counts as +0.
uint32_t order_of(float score) noexcept {
  if (score != score) return kNanOrder;
  const uint32_t bits = std::bit_cast<uint32_t>(score + 0.0f);
  return (bits & 0x80000000u) != 0 ? bits : ~bits & 0x7fffffffu;
}

float score_of(uint32_t order) noexcept {
  if (order == kNanOrder) return std::numeric_limits<float>::quiet_NaN();
  return std::bit_cast<float>((order & 0x80000000u) != 0 ? order : ~order & 0x7fffffffu);
}

uint32_t order_part(uint64_t key) noexcept {
  return static_cast<uint32_t>(key >> 32);
}

}  // namespace

void TopKCollector::reset(int64_t k) {
  if (k < 1) throw ValueError("k must be at least 1, got " + std::to_string(k));
  k_ = std::min(k, kMaxRows);
  limit_ = static_cast<size_t>(2 * k_ + kBlock);
  threshold_ = -kInfinity;
  full_ = false;
  keys_.clear();
  const size_t room = std::min(limit_, kReserved);  // a huge k grows with the scores that really come
  keys_.reserve(room + kBlock);
  best_.reserve(std::min(static_cast<size_t>(k_), kReserved));
}

// Keeps the best k keys and raises the threshold to the k-th score.
void TopKCollector::trim() {
  const size_t k = static_cast<size_t>(k_);
  if (keys_.size() < k) return;
  std::nth_element(keys_.begin(), keys_.begin() + (k_ - 1), keys_.end());
  keys_.resize(k);
  const uint32_t worst = order_part(keys_[k - 1]);
  if (worst == kNanOrder) return;
  full_ = true;
  threshold_ = score_of(worst);
}

void TopKCollector::push(const float* scores, const uint32_t* rows, int64_t first_row, int64_t n) {
  uint32_t index[kBlock];
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t size = std::min(kBlock, n - begin);
    const float* block = scores + begin;
    const auto key_of = [&](int64_t i) {
      const uint64_t row = rows != nullptr ? rows[begin + i] : static_cast<uint64_t>(first_row + begin + i);
      return static_cast<uint64_t>(order_of(block[i])) << 32 | row;
    };
    if (full_) {
      const int64_t count = kernels_->select_at_least(block, size, threshold_, index);
      for (int64_t j = 0; j < count; ++j) keys_.push_back(key_of(index[j]));
    } else {  // NaN may still be among the best
      for (int64_t i = 0; i < size; ++i) keys_.push_back(key_of(i));
    }
    if (keys_.size() >= limit_ || (!full_ && keys_.size() >= static_cast<size_t>(k_) + kBlock)) trim();
  }
}

void TopKCollector::push_block(const float* scores, int64_t n, int64_t first_row) {
  if (n < 0 || first_row < 0 || first_row > kMaxRows - n)
    throw ValueError("rows must be in [0, 2^32), got " + std::to_string(n) + " from " + std::to_string(first_row));
  push(scores, nullptr, first_row, n);
}

void TopKCollector::push_rows(const float* scores, const uint32_t* rows, int64_t n) {
  push(scores, rows, 0, n);
}

std::span<const Ranked> TopKCollector::finish() {
  trim();
  std::sort(keys_.begin(), keys_.end());
  best_.clear();
  for (uint64_t key : keys_) best_.push_back({static_cast<int64_t>(key & 0xffffffffu), score_of(order_part(key))});
  return best_;
}

std::vector<Ranked> top_k(std::span<const float> scores, int64_t k) {
  TopKCollector collector(kernels(), k);
  collector.push_block(scores.data(), static_cast<int64_t>(scores.size()), 0);
  const auto best = collector.finish();
  return {best.begin(), best.end()};
}

}  // namespace recfast
