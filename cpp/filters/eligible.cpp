#include "filters/eligible.h"

#include <algorithm>
#include <bit>

namespace recfast {

Eligible::Eligible(const Predicate& predicate, const Attributes& attributes, const Eligible* previous)
    : words_(attributes.blocks().size() * kBlockWords),
      counts_(attributes.blocks().size()),
      serials_(attributes.blocks().size()),
      version_(attributes.serial()) {
  const size_t known = previous != nullptr ? previous->serials_.size() : 0;
  for (size_t b = 0; b < serials_.size(); ++b) {
    const AttributeBlock& block = *attributes.blocks()[b];
    uint64_t* words = words_.data() + b * kBlockWords;
    serials_[b] = block.serial();
    if (b < known && previous->serials_[b] == serials_[b]) {
      std::copy_n(previous->words_.data() + b * kBlockWords, kBlockWords, words);
      counts_[b] = previous->counts_[b];
    } else {
      predicate.evaluate(block, words);
      int count = 0;
      for (int64_t w = 0; w < kBlockWords; ++w) count += std::popcount(words[w]);
      counts_[b] = static_cast<uint16_t>(count);
      ++evaluated_;
    }
    rows_ += counts_[b];
  }
}

}  // namespace recfast
