#include "filters/code_conditions.h"

#include <algorithm>

namespace recfast {

void CodeCondition::match(const AttributeCells& cells, uint64_t* words) const noexcept {
  kernels_.equal_u32(cells.as<uint32_t>(), kBlockWords, codes_[0], words);
  for (size_t i = 1; i < codes_.size(); ++i) {
    uint64_t same[kBlockWords];
    kernels_.equal_u32(cells.as<uint32_t>(), kBlockWords, codes_[i], same);
    for (int64_t w = 0; w < kBlockWords; ++w) words[w] |= same[w];
  }
}

void TruthCondition::match(const AttributeCells& cells, uint64_t* words) const noexcept {
  const auto* codes = cells.as<uint32_t>();
  const uint8_t* truth = truth_->data();
  for (int64_t w = 0; w < kBlockWords; ++w, codes += 64) {
    uint64_t word = 0;
    for (int i = 0; i < 64; ++i) word |= uint64_t{truth[codes[i]]} << i;
    words[w] = word;
  }
}

template <class T>
void ContainsCondition<T>::match(const AttributeCells& cells, uint64_t* words) const noexcept {
  std::fill_n(words, kBlockWords, uint64_t{0});
  const T* elements = cells.as<T>();
  const uint32_t* offsets = cells.offsets;
  bool anywhere = false;  // most blocks do not have it: one pass without regard to rows
  for (uint32_t i = 0; i < offsets[kBlockRows]; ++i) anywhere |= elements[i] == element_;
  if (!anywhere) return;
  for (int64_t row = 0; row < kBlockRows; ++row) {
    bool has = false;
    for (uint32_t i = offsets[row]; i < offsets[row + 1]; ++i) has |= elements[i] == element_;
    words[row / 64] |= uint64_t{has} << (row % 64);
  }
}

template class ContainsCondition<int64_t>;
template class ContainsCondition<uint32_t>;

}  // namespace recfast
