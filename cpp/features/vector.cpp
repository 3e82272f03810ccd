#include "features/vector.h"

#include <cmath>

#include "base/error.h"
#include "features/numeric.h"
#include "features/row_mapping.h"

namespace recfast {

void VectorFeature::encode(const ColumnSet& columns, std::span<EncodedArray> out) const {
  out[0].resize(columns.rows());
  float* values = out[0].values.data();
  int64_t first = columns.first_row();
  for (const Column& chunk : columns.get(name(), name()).chunks) {
    const Column& lists = values_of(chunk);
    if (!lists.is_list()) {
      if (lists.type != ColumnType::kNull) refuse_type(name(), "lists of " + std::to_string(dim_) + " numbers", lists);
    } else {
      check_numbers(lists.children[0], name());
    }
    for_each_value(chunk, [&](const Column& source, int64_t at, int64_t row) {
      const auto refuse = [&](const std::string& what) {
        throw ValueError("feature '" + name() + "': row " + std::to_string(first + row) + " " + what +
                         "; a vector has " + std::to_string(dim_) + " finite numbers");
      };
      if (at < 0 || source.is_null(at)) refuse("is null");
      const Column::Range range = source.range_at(at);
      if (range.end - range.begin != dim_) refuse("has " + std::to_string(range.end - range.begin) + " numbers");
      const Column& elements = source.children[0];
      for (int64_t i = range.begin; i < range.end; ++i) {
        const float x = elements.is_null(i) ? NAN : static_cast<float>(elements.number_at(i));
        if (!std::isfinite(x)) refuse("holds a null, NaN or infinity at position " + std::to_string(i - range.begin));
        *values++ = x;
      }
    });
    first += chunk.length;
  }
}

}  // namespace recfast
