#pragma once
// Catalog: the published snapshot of the items. Writers, one after the other, build the next version off the readers'
// path and publish it by one pointer. Readers take no lock.

#include <memory>

#include "base/process_mutex.h"
#include "base/published.h"
#include "catalog/versions.h"
#include "filters/filter_cache.h"

namespace recfast {

class Catalog {
 public:
  // What the versions hold in memory, in bytes. While a version is being built it counts as another one.
  struct Memory {
    int64_t current;   // blocks, ids, attributes and vectors of the current version
    int64_t older;     // what only other versions hold, which calls still read
    int64_t spare;     // what the next versions take without asking the system, and what lies between pieces in use
    int64_t versions;  // that are alive
  };

  // format: of the stored item side; f32, f16 or i8. attributes: columns that filters may ask about, or all that can be
  // but the key.
  Catalog(std::shared_ptr<const cpu::Executor> executor, const ColumnSet& items, RowFormat format,
          std::optional<std::vector<std::string>> attributes = std::nullopt);

  std::shared_ptr<const Snapshot> current() const noexcept { return current_.load(); }
  const cpu::Executor& executor() const noexcept { return *executor_; }
  const std::shared_ptr<const cpu::Executor>& share_executor() const noexcept { return executor_; }
  // What snapshots must have been computed with.
  uint64_t model() const noexcept { return plan_.model; }
  Memory memory() const noexcept;
  // The rows of one of its snapshots for which the expression is true, dead ones too. Throws ValueError or TypeError
  // naming the attribute.
  std::shared_ptr<const Eligible> filtered(const Expression::Pointer& where, const Snapshot& snapshot) const {
    return filters_.get(where, *snapshot.attributes);
  }

  // All return the new version.
  int64_t upsert(const ColumnSet& items);
  int64_t remove(const ChunkedColumn& ids);  // ids that are not there are ignored
  int64_t replace(const ColumnSet& items);

 private:
  int64_t publish(std::shared_ptr<const Snapshot> old, std::shared_ptr<Snapshot> next);

  std::shared_ptr<const cpu::Executor> executor_;
  ItemPlan plan_;
  ProcessMutex writing_;
  Published<const Snapshot> current_;
  mutable FilterCache filters_;
};

}  // namespace recfast
