#pragma once
// One version of a catalogue: ids, the stored item side of every row, and the hashed keys that Match features look up.
// Immutable once published; readers keep the one that they began with.

#include <memory>
#include <vector>

#include "backends/cpu/executor.h"
#include "catalog/item_ids.h"
#include "catalog/item_store.h"

namespace recfast {

struct Snapshot {
  int64_t version = 0;
  ItemIds ids;
  ItemStore items;                                // [size]
  std::vector<std::vector<uint64_t>> match_keys;  // per key column of the encoder: [size]
  std::vector<KeyType> match_key_types;

  int64_t size() const noexcept { return ids.size(); }
  int64_t size_bytes() const noexcept;
};

// Encodes an item table and runs its item side. Throws ValueError or TypeError naming the column.
Snapshot make_snapshot(const cpu::Executor& executor, const ColumnSet& items, RowFormat format);
// `old` with the rows of `changes` in place of those with the same id, the others appended in order.
Snapshot upserted(const Snapshot& old, const Snapshot& changes, const cpu::Executor& executor);
// `old` without the given rows; the others keep their order. gone: bool [old.size()].
Snapshot without(const Snapshot& old, const std::vector<bool>& gone, const cpu::Executor& executor);

}  // namespace recfast
