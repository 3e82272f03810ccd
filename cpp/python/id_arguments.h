#pragma once
// Ids as arguments of calls: one column, or one for each query.

#include <pybind11/pybind11.h>

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "features/column.h"

namespace recfast::python {

// A sequence, set or column of ids; nothing for None. `what` is for messages. Throws ValueError from 2**31 of them on.
std::optional<ChunkedColumn> read_ids(const pybind11::object& ids, const char* what);

// Whether ids are given per query: a list or tuple of columns.
bool is_per_query(const pybind11::object& ids);

// One value per query: given for each (a list of them), the same for all, or none. query: what a query is called.
template <class Read>
auto per_query(const pybind11::object& given, size_t queries, const char* what, const std::string& query, bool listed,
               Read&& read) {
  std::vector<decltype(read(given))> out;
  if (!listed) {
    out.assign(queries, queries > 0 ? read(given) : decltype(read(given)){});
    return out;
  }
  const auto list = pybind11::reinterpret_borrow<pybind11::sequence>(given);
  if (list.size() != queries) {
    throw ValueError(std::string(what) + " is given per " + query + ": " + std::to_string(list.size()) + " for " +
                     std::to_string(queries) + " " + (query == "query" ? "queries" : query + "s"));
  }
  for (size_t i = 0; i < queries; ++i) out.push_back(read(pybind11::object(list[i])));
  return out;
}

}  // namespace recfast::python
