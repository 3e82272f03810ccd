#pragma once
// Ids that came with a call -> rows. Ids is whatever finds rows: find(values, at), find_all(column, rows), check_type.

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "catalog/item_ids.h"
#include "features/column.h"
#include "features/feature.h"

namespace recfast {

// Calls each(row) for every excluded id that is there; returns how many are not. Throws TypeError.
template <class Ids, class Each>
int64_t for_each_excluded(const Ids& ids, const ChunkedColumn& exclude, Each&& each) {
  int64_t ignored = 0;
  for (const Column& chunk : exclude.chunks) {
    if (chunk.length == 0) continue;  // numpy.array([]) is of floats
    ids.check_type(values_of(chunk), "exclude");
    for_each_value(chunk, [&](const Column& values, int64_t at, int64_t) {
      const int64_t row = at < 0 || values.is_null(at) ? -1 : ids.find(values, at);
      if (row < 0)
        ++ignored;
      else
        each(row);
    });
  }
  return ignored;
}

// Calls each(row, position) for every candidate that is there; returns how many are not. found: scratch memory. Throws
// TypeError, ValueError for a null, and KeyError for unknown candidates unless they are skipped; `remedy` ends its
// message.
template <class Ids, class Each>
int64_t for_each_candidate(const Ids& ids, const ChunkedColumn& candidates, bool skip_missing, const char* remedy,
                           std::vector<int64_t>& found, Each&& each) {
  constexpr int64_t kNamed = 5;
  int64_t skipped = 0;
  int64_t position = 0;
  std::string unknown;
  for (const Column& chunk : candidates.chunks) {
    if (chunk.length == 0) continue;
    ids.check_type(values_of(chunk), "candidates");
    const bool plain = chunk.type != ColumnType::kDictionary;
    if (plain) {
      found.resize(static_cast<size_t>(chunk.length));
      ids.find_all(chunk, found.data());
    }
    for_each_value(chunk, [&](const Column& values, int64_t at, int64_t) {
      if (at < 0 || values.is_null(at))
        throw ValueError("candidates: position " + std::to_string(position) + " is null");
      const int64_t row = plain ? found[static_cast<size_t>(at)] : ids.find(values, at);
      if (row >= 0)
        each(row, position);
      else if (skipped++ < kNamed)
        unknown += (unknown.empty() ? "" : ", ") + ItemIds::text(values, at);
      ++position;
    });
  }
  if (skipped > 0 && !skip_missing) {
    throw KeyError(std::to_string(skipped) + " candidates are not in the catalogue, the first: " + unknown +
                   "; pass missing=\"skip\" to leave them out" + remedy);
  }
  return skipped;
}

}  // namespace recfast
