#include "retrieval/contest.h"

#include <algorithm>

namespace recfast {
namespace {

constexpr size_t kFew = 4096;  // candidates that are not worth a look for dropping some

}  // namespace

void Contest::reset(int64_t k, const Scaling& scaling, float bar) {
  scaling_ = scaling;
  bar_ = bar;
  drop_at_ = kFew;
  lower_.reset(k);
  candidates_.clear();
}

void Contest::raise_bar() {
  bar_ = std::max(bar_, scaling_.bar(lower_.value()));
}

void Contest::drop() {
  std::erase_if(candidates_, [bar = bar_](const Candidate& candidate) { return candidate.upper < bar; });
}

void Contest::offer(uint32_t row, float upper, float lower) {
  if (upper < bar_) return;
  candidates_.push_back({upper, row});
  if (lower_.push(lower)) raise_bar();
  if (candidates_.size() < drop_at_) return;
  drop();
  drop_at_ = std::max(kFew, 2 * candidates_.size());
}

void Contest::absorb(const Contest& other) {
  for (const float lower : other.lower_.candidates()) lower_.push(lower);
  candidates_.insert(candidates_.end(), other.candidates_.begin(), other.candidates_.end());
}

std::vector<Candidate>& Contest::finish() {
  lower_.trim();
  raise_bar();
  drop();
  return candidates_;
}

}  // namespace recfast
