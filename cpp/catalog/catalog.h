#pragma once
// Catalog: the published snapshot of the items. Writers build the next version off the readers' path and publish it by
// one pointer; no lock is held longer than a pointer copy takes.

#include <memory>
#include <mutex>

#include "catalog/snapshot.h"

namespace recfast {

class Catalog {
 public:
  Catalog(std::shared_ptr<const cpu::Executor> executor, const ColumnSet& items);

  std::shared_ptr<const Snapshot> current() const;
  const cpu::Executor& executor() const noexcept { return *executor_; }

  // Both return the new version.
  int64_t upsert(const ColumnSet& items);
  int64_t remove(const ChunkedColumn& ids);  // ids that are not there are ignored

 private:
  int64_t publish(Snapshot next);

  std::shared_ptr<const cpu::Executor> executor_;
  std::mutex writing_;
  mutable std::mutex pointer_;
  std::shared_ptr<const Snapshot> current_;
};

}  // namespace recfast
