#include "catalog/catalog.h"

#include <mutex>

#include "features/feature.h"

namespace recfast {
namespace {

std::shared_ptr<const Snapshot> first_version(const cpu::Executor& executor, const ColumnSet& items, RowFormat format) {
  Snapshot first = make_snapshot(executor, items, format);
  first.version = 1;
  return std::make_shared<const Snapshot>(std::move(first));
}

}  // namespace

Catalog::Catalog(std::shared_ptr<const cpu::Executor> executor, const ColumnSet& items, RowFormat format)
    : executor_(std::move(executor)), format_(format), current_(first_version(*executor_, items, format)) {}

int64_t Catalog::publish(const Snapshot& old, Snapshot next) {
  const int64_t version = old.version + 1;
  next.version = version;
  current_.store(std::make_shared<const Snapshot>(std::move(next)));
  return version;  // the old version dies with its last reader
}

int64_t Catalog::upsert(const ColumnSet& items) {
  const Snapshot changes = make_snapshot(*executor_, items, format_);
  const std::lock_guard lock(writing_);
  const std::shared_ptr<const Snapshot> old = current();
  return publish(*old, upserted(*old, changes, *executor_));
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
  return publish(*old, without(*old, gone, *executor_));
}

}  // namespace recfast
