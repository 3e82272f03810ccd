// embedding_bag: always on the side of its input.

#include "split/lowering.h"

namespace recfast::split {

void lower_embedding_bag(Lowering& lowering, const OpNode& node) {
  const int64_t input = node.inputs[0];
  const Slot& slot = lowering.slot(input);
  const Table& table = lowering.program().parameters().tables.at(node.table);
  const Part out = lowering.allocate(slot.side, table.dim());
  if (slot.kind == InputKind::kIds) {
    lowering.add(slot.side, Rows{.table = &table, .array = input, .out = out.offset});
  } else {
    lowering.add(slot.side, EmbeddingBag{.table = &table, .pooling = node.pooling, .array = input, .out = out.offset});
  }
  lowering.define(node.output, {out});
}

}  // namespace recfast::split
