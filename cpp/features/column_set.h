#pragma once
// A table of raw columns by name, all of one length.

#include <string>
#include <unordered_map>
#include <vector>

#include "features/column.h"

namespace recfast {

class ColumnSet {
 public:
  ColumnSet() = default;
  // Throws ValueError when a name comes twice or lengths differ.
  void add(const std::string& name, ChunkedColumn column);
  // Throws ValueError naming `feature`, the column and the columns that there are.
  const ChunkedColumn& get(const std::string& name, const std::string& feature) const;
  bool contains(const std::string& name) const { return columns_.contains(name); }
  int64_t rows() const noexcept { return rows_; }
  const std::vector<std::string>& names() const noexcept { return names_; }
  // The row of the whole table that is this one's first: for messages about a slice.
  int64_t first_row() const noexcept { return first_row_; }
  // The rows [begin, end) of every column; shares the memory. Columns keep their types, even without rows.
  ColumnSet slice(int64_t begin, int64_t end) const;

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, ChunkedColumn> columns_;
  int64_t rows_ = 0;
  int64_t first_row_ = 0;
};

// "'a', 'b', 'c' and 12 more": for messages.
std::string list_names(const std::vector<std::string>& names);

}  // namespace recfast
