#pragma once
// RowIds: the ids of a retriever's rows: the given ones, or else the numbers of the rows.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "catalog/item_ids.h"

namespace recfast {

class RowIds {
 public:
  explicit RowIds(int64_t rows) : rows_(rows) {}
  explicit RowIds(ItemIds ids) : ids_(std::move(ids)), rows_(ids_->size()) {}

  int64_t size() const noexcept { return rows_; }
  IdType type() const noexcept { return ids_ ? ids_->type() : IdType::kInt; }
  int64_t integer_at(int64_t row) const noexcept { return ids_ ? ids_->integer_at(row) : row; }
  std::string_view string_at(int64_t row) const noexcept { return ids_->string_at(row); }

  int64_t size_bytes() const noexcept { return ids_ ? ids_->size_bytes() : 0; }

  // As in ItemIds.
  int64_t find(const Column& ids, int64_t at) const noexcept {
    if (ids_) return ids_->find(ids, at);
    if (ids.is_null(at) || ids.beyond_int64(at)) return -1;
    const int64_t row = ids.integer_at(at);
    return row >= 0 && row < rows_ ? row : -1;
  }
  void find_all(const Column& ids, int64_t* rows) const noexcept {
    if (ids_) return ids_->find_all(ids, rows);
    for (int64_t i = 0; i < ids.length; ++i) rows[i] = find(ids, i);
  }
  void check_type(const Column& ids, const std::string& what) const {
    if (ids_) return ids_->check_type(ids, what);
    if (ids.type != ColumnType::kNull && !ids.is_integer())
      throw TypeError(what + ": the ids are row numbers, which are integers; got " + ids.described);
  }

 private:
  std::optional<ItemIds> ids_;
  int64_t rows_;
};

}  // namespace recfast
