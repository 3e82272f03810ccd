#pragma once
// The ids of one version, by row: a large table that many versions share, and behind it a small one of the ids that
// came later. A removed id keeps its row until the rows are copied together; added again, it gets a new one.

#include <memory>

#include "base/memory_use.h"
#include "catalog/item_ids.h"

namespace recfast {

class VersionIds {
 public:
  VersionIds() = default;
  // Of a first version; its type stays for all that follow.
  VersionIds(ItemIds ids, const std::shared_ptr<MemoryUse>& use);

  IdType type() const noexcept { return base_->type(); }
  int64_t rows() const noexcept { return base_->size() + (later_ == nullptr ? 0 : later_->size()); }
  int64_t integer_at(int64_t row) const noexcept {
    return row < base_->size() ? base_->integer_at(row) : later_->integer_at(row - base_->size());
  }
  std::string_view string_at(int64_t row) const noexcept {
    return row < base_->size() ? base_->string_at(row) : later_->string_at(row - base_->size());
  }
  void check_type(const Column& ids, const std::string& what) const { base_->check_type(ids, what); }
  int64_t size_bytes() const noexcept { return base_->size_bytes() + (later_ == nullptr ? 0 : later_->size_bytes()); }

  // The row of an id for which alive(row), or -1. At most one row of an id is alive. `key`: what ItemIds::find takes.
  template <class Alive, class... Key>
  int64_t find(const Alive& alive, const Key&... key) const noexcept {
    return resolve(base_->find(key...), alive, key...);
  }
  // The same for a whole column. all: every row is alive.
  template <class Alive>
  void find_all(const Alive& alive, bool all, const Column& ids, int64_t* rows) const noexcept {
    base_->find_all(ids, rows);
    if (all && later_ == nullptr) return;
    for (int64_t i = 0; i < ids.length; ++i) {
      if (rows[i] >= 0 ? alive(rows[i]) : later_ == nullptr || ids.is_null(i)) continue;
      rows[i] = resolve(rows[i], alive, ids, i);
    }
  }

  // With further rows: those of `changes` in that order.
  VersionIds with(const ItemIds& changes, std::span<const int64_t> added, const std::shared_ptr<MemoryUse>& use) const;
  // The ids of the given rows alone.
  VersionIds selected(std::span<const int64_t> rows, const std::shared_ptr<MemoryUse>& use) const;

 private:
  // row: where the base has the id, or -1. What came later is asked only where the base has no living row: that is why
  // it came.
  template <class Alive, class... Key>
  int64_t resolve(int64_t row, const Alive& alive, const Key&... key) const noexcept {
    if (row >= 0 && alive(row)) return row;
    if (later_ == nullptr) return -1;
    row = later_->find(key...);
    return row >= 0 && alive(base_->size() + row) ? base_->size() + row : -1;
  }

  std::shared_ptr<const ItemIds> base_;
  std::shared_ptr<const ItemIds> later_;  // null when it is empty
};

}  // namespace recfast
