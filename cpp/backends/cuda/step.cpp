#include "backends/cuda/step.h"

namespace recfast::cuda {

Operand Tile::operand(const split::Operand& x) const noexcept {
  using Source = split::Operand::Source;
  if (x.source == Source::kFrame) {
    const auto row_bytes = frame.stride * static_cast<int64_t>(sizeof(float));
    return {.rows = {.data = frame.data, .row_bytes = row_bytes, .dim = frame.stride}, .column = x.offset};
  }
  if (x.source == Source::kRequest) return {.rows = {.data = request}, .column = x.offset};
  const ItemColumns* own = items.data();  // an operand lies within one range
  for (const ItemColumns& range : items)
    if (range.first <= x.offset) own = &range;
  return {.rows = own->rows, .index = index, .column = x.offset - own->first};
}

}  // namespace recfast::cuda
