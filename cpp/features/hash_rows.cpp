#include "features/hash_rows.h"

#include "features/column_visit.h"
#include "hash/hash.h"
#include "hash/xxh64_many.h"

namespace recfast {

void hash_rows(const Column& column, int64_t begin, int64_t end, uint64_t seed, uint64_t* out) noexcept {
  if (column.is_string()) {
    visit_strings(column,
                  [=](auto at) { xxh64_many(end - begin, [=](int64_t i) { return at(begin + i); }, seed, out); });
  } else {
    visit_integers(column.type, column.data, column.offset, [=](auto at) {
      for (int64_t row = begin; row < end; ++row) out[row - begin] = hash_int(at(row), seed);
    });
  }
}

}  // namespace recfast
