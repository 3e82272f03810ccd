#pragma once
// KthLargest: the k-th largest of the numbers so far. It lags behind by a few numbers, so that each costs little.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

namespace recfast {

class KthLargest {
 public:
  // Forgets everything. k >= 1.
  void reset(int64_t k) {
    k_ = static_cast<size_t>(k);
    limit_ = k_ + std::max<size_t>(k_ / 2, 8);
    value_ = kNone;
    full_ = false;
    best_.clear();
  }

  // Returns whether value() has grown.
  bool push(float x) {
    if (full_ && x <= value_) return false;
    best_.push_back(x);
    return best_.size() >= (full_ ? limit_ : k_) && trim();
  }

  // Takes the last numbers into account. Returns whether value() has grown.
  bool trim() {
    if (best_.size() < k_) return false;
    const auto last = best_.begin() + static_cast<std::ptrdiff_t>(k_) - 1;
    std::nth_element(best_.begin(), last, best_.end(), std::greater<float>());
    best_.resize(k_);
    full_ = true;
    const bool grown = best_.back() > value_;
    value_ = best_.back();
    return grown;
  }

  // -inf while there are fewer than k.
  float value() const noexcept { return value_; }
  // Among them the k largest.
  std::span<const float> candidates() const noexcept { return best_; }

 private:
  static constexpr float kNone = -std::numeric_limits<float>::infinity();

  size_t k_ = 1;
  size_t limit_ = 0;
  float value_ = kNone;
  bool full_ = false;
  std::vector<float> best_;
};

}  // namespace recfast
