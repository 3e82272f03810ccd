#include "filters/filter_cache.h"

namespace recfast {

FilterCache::Slot* FilterCache::find(const Expression& expression, std::shared_ptr<const Entry>& entry) noexcept {
  for (Slot& slot : slots_) {
    if (slot.hash.load(std::memory_order_relaxed) != expression.hash()) continue;
    entry = slot.entry.load();
    if (entry && (entry->expression.get() == &expression || entry->expression->text() == expression.text()))
      return &slot;
  }
  entry.reset();
  return nullptr;
}

FilterCache::Slot* FilterCache::oldest() noexcept {
  Slot* oldest = &slots_[0];
  for (Slot& slot : slots_) {
    if (slot.used.load(std::memory_order_relaxed) < oldest->used.load(std::memory_order_relaxed)) oldest = &slot;
  }
  return oldest;
}

void FilterCache::keep_only(const AttributeSchema& schema) {
  for (Slot& slot : slots_) {
    const std::shared_ptr<const Entry> entry = slot.entry.load();
    if (entry && !entry->predicate->is_for(schema)) slot.entry.store(nullptr);
  }
}

std::shared_ptr<const Eligible> FilterCache::get(const Expression::Pointer& expression, const Attributes& attributes) {
  std::shared_ptr<const Entry> entry;
  Slot* slot = find(*expression, entry);
  const uint64_t now = clock_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (slot != nullptr) slot->used.store(now, std::memory_order_relaxed);
  if (entry && entry->eligible->version() == attributes.serial()) return entry->eligible;
  std::shared_ptr<const Predicate> predicate =
      entry && entry->predicate->covers(attributes)
          ? entry->predicate
          : Predicate::compile(*expression, attributes, entry ? entry->predicate.get() : nullptr);
  auto eligible = std::make_shared<const Eligible>(*predicate, attributes, entry ? entry->eligible.get() : nullptr);
  // A reader of an old version leaves the newer one where it is.
  if (entry && entry->eligible->version() > attributes.serial()) return eligible;
  if (slot == nullptr) slot = oldest();
  slot->used.store(now, std::memory_order_relaxed);
  slot->entry.store(std::make_shared<const Entry>(Entry{expression, std::move(predicate), eligible}));
  slot->hash.store(expression->hash(), std::memory_order_relaxed);
  return eligible;
}

}  // namespace recfast
