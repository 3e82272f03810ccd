#include "catalog/versions.h"

#include <numeric>

#include "base/error.h"
#include "features/feature.h"

namespace recfast {
namespace {

ItemIds ids_of(const ItemPlan& plan, const ColumnSet& items) {
  const std::string& key = plan.executor->encoder().key();
  return ItemIds::from_column(items.get(key, key), key);
}

void check_id_types(const Snapshot& old, const ItemIds& ids) {
  if (old.ids.type() == IdType::kNone || ids.type() == IdType::kNone || old.ids.type() == ids.type()) return;
  throw TypeError(std::string("the catalogue's ids are ") +
                  (old.ids.type() == IdType::kString ? "strings" : "integers") + "; the table has the other type");
}

// Where `old` has the ids of a table, -1 where it has not.
std::vector<int64_t> rows_in(const Snapshot& old, const ItemIds& ids) {
  std::vector<int64_t> rows(static_cast<size_t>(ids.size()));
  for (int64_t i = 0; i < ids.size(); ++i) rows[static_cast<size_t>(i)] = old.find(ids, i);
  return rows;
}

std::shared_ptr<const Attributes> attributes_of(const ItemPlan& plan, const ColumnSet& items) {
  return std::make_shared<const Attributes>(
      Attributes::from_columns(items, plan.attributes, plan.executor->encoder().key(), plan.use));
}

// The rows of the table in its order, without attributes.
std::shared_ptr<Snapshot> written(const ItemPlan& plan, const Snapshot* old, const ColumnSet& items) {
  ItemIds ids = ids_of(plan, items);
  std::vector<int64_t> to(static_cast<size_t>(ids.size()));
  std::iota(to.begin(), to.end(), 0);
  std::vector<int64_t> from;
  if (old != nullptr) {
    check_id_types(*old, ids);
    from = rows_in(*old, ids);
    if (ids.type() == IdType::kNone) ids = ItemIds::of_type(old->ids.type());
  }
  const int64_t size = ids.size();
  ItemWriter writer(plan, old, false, size);
  writer.write(items, {.to = to, .from = from});
  return writer.finish({std::move(ids), plan.use}, size);
}

}  // namespace

ItemPlan make_plan(const cpu::Executor& executor, uint64_t model, RowFormat format) {
  const ItemFormat stored(executor, format);
  return {
      .executor = &executor,
      .model = model,
      .format = stored,
      .layout = {.row_bytes = stored.row_bytes(), .keys = static_cast<int64_t>(executor.encoder().match_keys().size())},
      .use = std::make_shared<MemoryUse>(),
      .attributes = std::nullopt,
      .vectors = nullptr};
}

std::shared_ptr<const Snapshot> items_of_request(const cpu::Executor& executor, uint64_t model, const ColumnSet& items,
                                                 ItemUse use) {
  ItemPlan plan = make_plan(executor, model, RowFormat::kF32);
  plan.layout.capacity = std::min(kBlockRows, items.rows());
  plan.layout.fingerprints = false;
  if (use.once) plan.layout.row_bytes = 0;
  std::shared_ptr<Snapshot> out = written(plan, nullptr, items);
  if (use.filtered) out->attributes = attributes_of(plan, items);
  return out;
}

std::shared_ptr<Snapshot> replaced(const ItemPlan& plan, const Snapshot* old, const ColumnSet& items) {
  std::shared_ptr<Snapshot> next = written(plan, old, items);
  next->attributes = attributes_of(plan, items);
  return next;
}
std::shared_ptr<Snapshot> upserted(const ItemPlan& plan, const Snapshot& old, const ColumnSet& items) {
  const ItemIds ids = ids_of(plan, items);
  check_id_types(old, ids);
  const std::vector<int64_t> from = rows_in(old, ids);
  std::vector<int64_t> to = from;
  std::vector<int64_t> added;
  for (size_t i = 0; i < to.size(); ++i) {
    if (to[i] >= 0) continue;
    to[i] = old.rows + static_cast<int64_t>(added.size());
    added.push_back(static_cast<int64_t>(i));
  }
  ItemWriter writer(plan, &old, true, 0);
  writer.write(items, {.to = to, .from = from});
  auto attributes = std::make_shared<const Attributes>(old.attributes->with_rows(to, items));
  std::shared_ptr<Snapshot> next =
      writer.finish(old.ids.with(ids, added, plan.use), old.living + static_cast<int64_t>(added.size()));
  next->attributes = std::move(attributes);
  return next;
}

std::shared_ptr<Snapshot> without(const ItemPlan& plan, const Snapshot& old, const ChunkedColumn& ids) {
  ItemWriter writer(plan, &old, true, 0);
  int64_t removed = 0;
  for (const Column& chunk : ids.chunks) {
    if (chunk.length == 0) continue;  // numpy.array([]) is of floats
    old.ids.check_type(values_of(chunk), "ids to remove");
    for_each_value(chunk, [&](const Column& values, int64_t at, int64_t) {
      const int64_t row = at < 0 || values.is_null(at) ? -1 : old.find(values, at);
      if (row >= 0 && writer.remove(row)) ++removed;
    });
  }
  std::shared_ptr<Snapshot> next = writer.finish(old.ids, old.living - removed);
  next->attributes = old.attributes;
  return next;
}

bool is_sparse(const Snapshot& snapshot) noexcept {
  return (snapshot.rows - snapshot.living) * 4 > snapshot.rows;
}

std::shared_ptr<Snapshot> compacted(const ItemPlan& plan, const Snapshot& old) {
  ItemWriter writer(plan, &old, false, old.living);
  writer.copy_living();
  if (old.living == old.rows) {
    std::shared_ptr<Snapshot> next = writer.finish(old.ids, old.living);
    next->attributes = old.attributes;
    return next;
  }
  std::vector<int64_t> rows;
  rows.reserve(static_cast<size_t>(old.living));
  old.for_each_living([&](int64_t row) { rows.push_back(row); });
  std::shared_ptr<Snapshot> next = writer.finish(old.ids.selected(rows, plan.use), old.living);
  next->attributes = std::make_shared<const Attributes>(old.attributes->selected(rows));
  return next;
}

}  // namespace recfast
