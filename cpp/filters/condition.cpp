#include "filters/condition.h"

#include <algorithm>

namespace recfast {

void AttributeCondition::evaluate(const AttributeBlock& block, uint64_t* words) const noexcept {
  const AttributeCells& cells = block.cells(attribute_);
  if (cells.all_null()) {
    std::fill_n(words, kBlockWords, uint64_t{0});
    return;
  }
  match(cells, words);
  const uint64_t flip = negated_ ? ~uint64_t{0} : 0;
  for (int64_t w = 0; w < kBlockWords; ++w) words[w] ^= flip;
  if (cells.valid == nullptr) return;
  for (int64_t w = 0; w < kBlockWords; ++w) words[w] &= cells.valid[w];
}

void NullCondition::evaluate(const AttributeBlock& block, uint64_t* words) const noexcept {
  const AttributeCells& cells = block.cells(attribute_);
  const uint64_t flip = negated_ ? ~uint64_t{0} : 0;
  const uint64_t rest = cells.all_null() ? ~uint64_t{0} : 0;
  for (int64_t w = 0; w < kBlockWords; ++w)
    words[w] = (cells.all_null() || cells.valid == nullptr ? rest : ~cells.valid[w]) ^ flip;
}

void NothingCondition::match(const AttributeCells&, uint64_t* words) const noexcept {
  std::fill_n(words, kBlockWords, uint64_t{0});
}

void JoinedCondition::evaluate(const AttributeBlock& block, uint64_t* words) const noexcept {
  parts_[0]->evaluate(block, words);
  for (size_t i = 1; i < parts_.size(); ++i) {
    uint64_t open = 0;  // rows that the next part may change
    for (int64_t w = 0; w < kBlockWords; ++w) open |= (all_ ? words[w] : ~words[w]) & row_bits(block.rows(), w);
    if (open == 0) return;
    uint64_t more[kBlockWords];
    parts_[i]->evaluate(block, more);
    for (int64_t w = 0; w < kBlockWords; ++w) words[w] = all_ ? words[w] & more[w] : words[w] | more[w];
  }
}

}  // namespace recfast
