#pragma once
// The hashes of a column's rows: one loop per type, no test per value.

#include <cstdint>

#include "features/column.h"

namespace recfast {

// out[i] = hash of row begin + i (hash/hash.h), for a string, integer or boolean column. Null rows give any number.
void hash_rows(const Column& column, int64_t begin, int64_t end, uint64_t seed, uint64_t* out) noexcept;

}  // namespace recfast
