#pragma once
// append_rows: the cache lines of a table's rows, to be asked for ahead.

#include <span>
#include <vector>

#include "base/aligned.h"
#include "kernels/kernels.h"
#include "table/table.h"

namespace recfast::cpu {

inline void append_rows(const Table& table, std::span<const int64_t> ids, std::vector<Memory>& out) {
  for (const int64_t id : ids) {
    const uint8_t* row = table.data() + id * table.row_bytes();
    const auto before = static_cast<int64_t>(reinterpret_cast<uintptr_t>(row) % kAlignment);
    out.push_back({.data = row - before, .bytes = before + table.row_bytes()});
  }
}

}  // namespace recfast::cpu
