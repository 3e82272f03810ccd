#pragma once
// Catalog: the published snapshot of the items. Writers, one after the other, build the next version off the readers'
// path and publish it by one pointer. Readers take no lock.

#include <memory>

#include "base/process_mutex.h"
#include "base/published.h"
#include "catalog/snapshot.h"

namespace recfast {

class Catalog {
 public:
  // format: of the stored item side; f32, f16 or i8.
  Catalog(std::shared_ptr<const cpu::Executor> executor, const ColumnSet& items, RowFormat format);

  std::shared_ptr<const Snapshot> current() const noexcept { return current_.load(); }
  const cpu::Executor& executor() const noexcept { return *executor_; }
  RowFormat format() const noexcept { return format_; }

  // Both return the new version.
  int64_t upsert(const ColumnSet& items);
  int64_t remove(const ChunkedColumn& ids);  // ids that are not there are ignored

 private:
  int64_t publish(const Snapshot& old, Snapshot next);

  std::shared_ptr<const cpu::Executor> executor_;
  RowFormat format_;
  ProcessMutex writing_;
  Published<const Snapshot> current_;
};

}  // namespace recfast
