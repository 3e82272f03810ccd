#pragma once
// From one version of a catalogue to the next. Nothing that a reader may hold is changed; what both versions agree in,
// they share.

#include <memory>

#include "catalog/item_writer.h"

namespace recfast {

// What all versions have in common, without vectors.
ItemPlan make_plan(const cpu::Executor& executor, uint64_t model, RowFormat format);
// How a table that comes with requests is used.
struct ItemUse {
  bool filtered = false;  // a filter will ask about its columns
  bool once = true;       // by one request: its item sides are not stored but computed as they are read
};
// A table by itself; no version follows. Throws ValueError or TypeError naming the column.
std::shared_ptr<const Snapshot> items_of_request(const cpu::Executor& executor, uint64_t model, const ColumnSet& items,
                                                 ItemUse use);

// The rows of the table in its order. old: the version before, whose item sides are taken where ids and fingerprints
// agree, or null. Throws ValueError or TypeError naming the column.
std::shared_ptr<Snapshot> replaced(const ItemPlan& plan, const Snapshot* old, const ColumnSet& items);
// With the rows of the table in place of those with the same id, the others appended in order. Throws like replaced().
std::shared_ptr<Snapshot> upserted(const ItemPlan& plan, const Snapshot& old, const ColumnSet& items);
// Without the items of these ids, known or not; the others keep their rows. Throws TypeError for ids of another type.
std::shared_ptr<Snapshot> without(const ItemPlan& plan, const Snapshot& old, const ChunkedColumn& ids);
// Whether so many rows are dead that the others had better be copied together.
bool is_sparse(const Snapshot& snapshot) noexcept;
// The same items in the same order: the living rows copied together.
std::shared_ptr<Snapshot> compacted(const ItemPlan& plan, const Snapshot& old);

}  // namespace recfast
