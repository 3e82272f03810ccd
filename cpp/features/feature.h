#pragma once
// A feature kind turns raw columns into encoded arrays. One file per kind; every kind states its meaning of null,
// unseen and out of range in python/recfast/features.py.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "features/column_set.h"
#include "features/encoded.h"
#include "features/request.h"

namespace recfast {

class Feature {
 public:
  virtual ~Feature() = default;
  const std::string& name() const noexcept { return name_; }
  // The arrays that it gives, in order; `out` of encode() has one per entry, of the right kind and width.
  const std::vector<EncodedSpec>& arrays() const noexcept { return arrays_; }
  // Encodes every row of `columns`. Throws ValueError or TypeError naming the feature.
  virtual void encode(const ColumnSet& columns, std::span<EncodedArray> out) const = 0;
  // Whether encode_value takes a plain value of this kind; all others come as columns.
  virtual bool takes(RawValue::Kind) const noexcept { return false; }
  // One row from a plain value that it takes: what encode() makes of a column that holds it alone.
  virtual void encode_value(const RawValue&, std::span<EncodedArray>) const noexcept {}

 protected:
  Feature(std::string name, Side side) : name_(std::move(name)), side_(side) {}
  void give_ids(InputKind kind, int64_t rows) {
    arrays_.push_back({.name = name_, .side = side_, .kind = kind, .width = 1, .rows = rows});
  }
  void give_dense(std::string array, int64_t width = 1) {
    arrays_.push_back({.name = std::move(array), .side = side_, .kind = InputKind::kDense, .width = width, .rows = 0});
  }

 private:
  std::string name_;
  Side side_;
  std::vector<EncodedSpec> arrays_;
};

// Calls visit(values, row_in_values, row) for every row of a column, with dictionaries resolved; null rows of a
// dictionary come as (dictionary, -1, row).
template <class Visit>
void for_each_value(const Column& column, Visit&& visit) {
  if (column.type == ColumnType::kDictionary) {
    const Column& entries = column.children[0];
    for (int64_t row = 0; row < column.length; ++row) {
      visit(entries, column.is_null(row) ? -1 : column.index_at(row), row);
    }
  } else {
    for (int64_t row = 0; row < column.length; ++row) visit(column, row, row);
  }
}

// The column whose type counts: the dictionary's entries, or the column itself.
inline const Column& values_of(const Column& column) {
  return column.type == ColumnType::kDictionary ? column.children[0] : column;
}

}  // namespace recfast
