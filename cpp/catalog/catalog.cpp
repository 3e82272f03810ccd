#include "catalog/catalog.h"

#include "features/feature.h"

namespace recfast {

Catalog::Catalog(std::shared_ptr<const cpu::Executor> executor, const ColumnSet& items)
    : executor_(std::move(executor)) {
  Snapshot first = make_snapshot(*executor_, items);
  first.version = 1;
  current_ = std::make_shared<const Snapshot>(std::move(first));
}

std::shared_ptr<const Snapshot> Catalog::current() const {
  const std::lock_guard lock(pointer_);
  return current_;
}

int64_t Catalog::publish(Snapshot next) {
  next.version = current_->version + 1;
  auto published = std::make_shared<const Snapshot>(std::move(next));
  const int64_t version = published->version;
  {
    const std::lock_guard lock(pointer_);
    current_.swap(published);
  }
  return version;  // the old version dies here, or with its last reader
}

int64_t Catalog::upsert(const ColumnSet& items) {
  const Snapshot changes = make_snapshot(*executor_, items);
  const std::lock_guard lock(writing_);
  return publish(upserted(*current_, changes, executor_->item_width()));
}

int64_t Catalog::remove(const ChunkedColumn& ids) {
  const std::lock_guard lock(writing_);
  const std::shared_ptr<const Snapshot> old = current();
  std::vector<bool> gone(static_cast<size_t>(old->size()));
  for (const Column& chunk : ids.chunks) {
    old->ids.check_type(values_of(chunk), "ids to remove");
    for_each_value(chunk, [&](const Column& values, int64_t at, int64_t) {
      const int64_t row = at < 0 || values.is_null(at) ? -1 : old->ids.find(values, at);
      if (row >= 0) gone[static_cast<size_t>(row)] = true;
    });
  }
  return publish(without(*old, gone, executor_->item_width()));
}

}  // namespace recfast
