#include "features/column_set.h"

#include <algorithm>

#include "base/error.h"

namespace recfast {

void ColumnSet::add(const std::string& name, ChunkedColumn column) {
  if (!names_.empty() && column.length != rows_) {
    throw ValueError("column '" + name + "' has " + std::to_string(column.length) + " rows, column '" + names_.front() +
                     "' has " + std::to_string(rows_) + "; all columns of a table have the same length");
  }
  rows_ = column.length;
  if (!columns_.emplace(name, std::move(column)).second) throw ValueError("column '" + name + "' comes twice");
  names_.push_back(name);
}

const ChunkedColumn& ColumnSet::get(const std::string& name, const std::string& feature) const {
  const auto found = columns_.find(name);
  if (found != columns_.end()) return found->second;
  throw ValueError("feature '" + feature + "': the column '" + name + "' is missing; the columns given are " +
                   list_names(names_));
}

ColumnSet ColumnSet::slice(int64_t begin, int64_t end) const {
  ColumnSet out;
  out.first_row_ = first_row_ + begin;
  for (const std::string& name : names_) {
    const ChunkedColumn& whole = columns_.at(name);
    ChunkedColumn part;
    int64_t first = 0;
    for (const Column& chunk : whole.chunks) {
      const int64_t from = std::max<int64_t>(begin - first, 0);
      const int64_t to = std::min<int64_t>(end - first, chunk.length);
      if (from < to) {
        Column piece = chunk;
        piece.offset += from;
        piece.length = to - from;
        part.append(std::move(piece));
      }
      first += chunk.length;
    }
    if (part.chunks.empty() && !whole.chunks.empty()) {
      part.append(whole.chunks.front());
      part.chunks.front().length = part.length = 0;
    }
    out.add(name, std::move(part));
  }
  return out;
}

std::string list_names(const std::vector<std::string>& names) {
  if (names.empty()) return "none";
  std::string out;
  constexpr size_t kShown = 20;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) out += (i ? ", '" : "'") + names[i] + "'";
  if (names.size() > kShown) out += " and " + std::to_string(names.size() - kShown) + " more";
  return out;
}

}  // namespace recfast
