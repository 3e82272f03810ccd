#include "catalog/version_ids.h"

#include <algorithm>

namespace recfast {
namespace {

std::shared_ptr<const ItemIds> shared(const std::shared_ptr<MemoryUse>& use, ItemIds ids) {
  const int64_t bytes = ids.size_bytes();
  return counted(use, std::move(ids), bytes);
}

// A version copies the later ids, and now and then all of them: of few and many, the square root costs least together.
bool too_many(int64_t later, int64_t base) {
  constexpr int64_t kLeast = 65536;
  return later > INT32_MAX / 2 || later * later > 16 * std::max(base, kLeast);
}

}  // namespace

VersionIds::VersionIds(ItemIds ids, const std::shared_ptr<MemoryUse>& use) : base_(shared(use, std::move(ids))) {}

VersionIds VersionIds::with(const ItemIds& changes, std::span<const int64_t> added,
                            const std::shared_ptr<MemoryUse>& use) const {
  VersionIds out = *this;
  // The type of a catalogue without ids is not known yet.
  if (type() == IdType::kNone && changes.type() != IdType::kNone)
    out.base_ = shared(use, ItemIds::of_type(changes.type()));
  if (added.empty()) return out;
  const int64_t later = later_ == nullptr ? 0 : later_->size();
  if (too_many(later + static_cast<int64_t>(added.size()), base_->size())) {
    ItemIds all = *out.base_;
    if (later > 0) all.append(*later_);
    for (const int64_t row : added) all.append(changes, row);
    out.base_ = shared(use, std::move(all));
    out.later_ = nullptr;
  } else {
    ItemIds more = later > 0 ? *later_ : ItemIds::of_type(out.type());
    for (const int64_t row : added) more.append(changes, row);
    out.later_ = shared(use, std::move(more));
  }
  return out;
}

VersionIds VersionIds::selected(std::span<const int64_t> rows, const std::shared_ptr<MemoryUse>& use) const {
  ItemIds out = ItemIds::of_type(type());
  for (const int64_t row : rows) {
    const bool old = row < base_->size();
    out.append(old ? *base_ : *later_, old ? row : row - base_->size());
  }
  return {std::move(out), use};
}

}  // namespace recfast
