#include "catalog/catalog.h"

#include <mutex>

#include "catalog/fingerprint.h"

namespace recfast {
namespace {

std::shared_ptr<const Snapshot> numbered(const ItemPlan& plan, std::shared_ptr<Snapshot> next, int64_t version) {
  next->version = version;
  next->counted = std::make_shared<const Counted>(plan.use, &MemoryUse::versions, 1);
  return next;
}

ItemPlan plan_for(const cpu::Executor& executor, RowFormat format, std::optional<std::vector<std::string>> attributes) {
  ItemPlan plan = make_plan(executor, model_fingerprint(executor), format);
  plan.attributes = std::move(attributes);
  plan.vectors = make_vector_plan(executor.form());
  return plan;
}

}  // namespace

Catalog::Catalog(std::shared_ptr<const cpu::Executor> executor, const ColumnSet& items, RowFormat format,
                 std::optional<std::vector<std::string>> attributes)
    : executor_(std::move(executor)),
      plan_(plan_for(*executor_, format, std::move(attributes))),
      current_(numbered(plan_, replaced(plan_, nullptr, items), 1)) {}

int64_t Catalog::publish(std::shared_ptr<const Snapshot> old, std::shared_ptr<Snapshot> next) {
  const int64_t version = old->version + 1;
  if (is_sparse(*next)) next = compacted(plan_, *next);
  std::shared_ptr<const Snapshot> published = numbered(plan_, std::move(next), version);
  current_.store(published);
  const AttributeSchema& schema = published->attributes->schema();
  if (&schema != &old->attributes->schema()) filters_.keep_only(schema);
  old = nullptr;  // it dies with its last reader
  if (published->pool.wasteful()) current_.store(numbered(plan_, compacted(plan_, *published), version));
  return version;
}

int64_t Catalog::upsert(const ColumnSet& items) {
  const std::lock_guard lock(writing_);
  std::shared_ptr<const Snapshot> old = current();
  std::shared_ptr<Snapshot> next = upserted(plan_, *old, items);
  return publish(std::move(old), std::move(next));
}

int64_t Catalog::remove(const ChunkedColumn& ids) {
  const std::lock_guard lock(writing_);
  std::shared_ptr<const Snapshot> old = current();
  std::shared_ptr<Snapshot> next = without(plan_, *old, ids);
  return publish(std::move(old), std::move(next));
}

int64_t Catalog::replace(const ColumnSet& items) {
  const std::lock_guard lock(writing_);
  std::shared_ptr<const Snapshot> old = current();
  std::shared_ptr<Snapshot> next = replaced(plan_, old.get(), items);
  return publish(std::move(old), std::move(next));
}

Catalog::Memory Catalog::memory() const noexcept {
  const std::shared_ptr<const Snapshot> snapshot = current();
  const int64_t now = snapshot->used_bytes();
  const int64_t used = plan_.use->used.load(std::memory_order_relaxed);
  const int64_t allocated = plan_.use->allocated.load(std::memory_order_relaxed);
  return {.current = now,
          .older = std::max<int64_t>(used - now, 0),
          .spare = std::max<int64_t>(allocated - used, 0),
          .versions = plan_.use->versions.load(std::memory_order_relaxed)};
}

}  // namespace recfast
