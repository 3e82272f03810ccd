#include "filters/number_conditions.h"

#include <algorithm>

namespace recfast {
namespace {

void in_range(const KernelTable& kernels, const int64_t* x, int64_t low, int64_t high, uint64_t* words) noexcept {
  kernels.in_range_i64(x, kBlockWords, low, high, words);
}
void in_range(const KernelTable& kernels, const double* x, double low, double high, uint64_t* words) noexcept {
  kernels.in_range_f64(x, kBlockWords, low, high, words);
}

// Up to here a comparison with each value is faster than a search.
constexpr size_t kFew = 8;

}  // namespace

template <class T>
void RangeCondition<T>::match(const AttributeCells& cells, uint64_t* words) const noexcept {
  in_range(kernels_, cells.as<T>(), range_.low, range_.high, words);
}

template <class T>
SetCondition<T>::SetCondition(size_t attribute, bool negated, const KernelTable& kernels, std::vector<T> values)
    : AttributeCondition(attribute, negated), kernels_(kernels), values_(std::move(values)) {
  std::sort(values_.begin(), values_.end());
  values_.erase(std::unique(values_.begin(), values_.end()), values_.end());
}

template <class T>
void SetCondition<T>::match(const AttributeCells& cells, uint64_t* words) const noexcept {
  const T* x = cells.as<T>();
  std::fill_n(words, kBlockWords, uint64_t{0});
  if (values_.size() <= kFew) {
    for (const T value : values_) {
      uint64_t same[kBlockWords];
      in_range(kernels_, x, value, value, same);
      for (int64_t w = 0; w < kBlockWords; ++w) words[w] |= same[w];
    }
    return;
  }
  for (int64_t row = 0; row < kBlockRows; ++row) {
    const T* from = values_.data();  // the last value that is not above x[row], or the first of all
    for (size_t left = values_.size(); left > 1;) {
      const size_t half = left / 2;
      from += from[half] <= x[row] ? half : 0;
      left -= half;
    }
    words[row / 64] |= uint64_t{*from == x[row]} << (row % 64);
  }
}

void BoolCondition::match(const AttributeCells& cells, uint64_t* words) const noexcept {
  for (int64_t w = 0; w < kBlockWords; ++w) {
    const uint64_t bits = cells.as<uint64_t>()[w];
    words[w] = (bits & if_true_) | (~bits & if_false_);
  }
}

template class RangeCondition<int64_t>;
template class RangeCondition<double>;
template class SetCondition<int64_t>;
template class SetCondition<double>;

}  // namespace recfast
