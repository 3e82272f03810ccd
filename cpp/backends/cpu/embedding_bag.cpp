// embedding_bag on the CPU: always on the side of its input.

#include <span>

#include "backends/cpu/lowering.h"
#include "base/aligned.h"

namespace recfast::cpu {
namespace {

void append_rows(const Table& table, std::span<const int64_t> ids, std::vector<Memory>& out) {
  for (const int64_t id : ids) {
    const uint8_t* row = table.data() + id * table.row_bytes();
    const auto before = static_cast<int64_t>(reinterpret_cast<uintptr_t>(row) % kAlignment);  // whole cache lines
    out.push_back({.data = row - before, .bytes = before + table.row_bytes()});
  }
}

class EmbeddingBagStep final : public Step {
 public:
  EmbeddingBagStep(const KernelTable& kernels, const Table& table, Pooling pooling, int64_t array, int64_t offset)
      : kernel_(bag_kernel(kernels, table.format())),
        table_(table),
        pooling_(pooling),
        array_(array),
        offset_(offset) {}
  void gather(const Tile& tile, std::vector<Memory>& out) const override {
    const EncodedArray& bag = tile.arrays[array_];
    const auto from = static_cast<size_t>(bag.offsets[static_cast<size_t>(tile.first)]);
    const auto to = static_cast<size_t>(bag.offsets[static_cast<size_t>(tile.first + tile.rows)]);
    append_rows(table_, {bag.ids.data() + from, to - from}, out);
  }
  void run(const Tile& tile) const noexcept override {
    const EncodedArray& bag = tile.arrays[array_];
    const float* weights = bag.kind == InputKind::kWeightedBag ? bag.values.data() : nullptr;
    kernel_(table_.data(), table_.row_bytes(), table_.dim(), bag.ids.data(), bag.offsets.data() + tile.first, tile.rows,
            weights, pooling_, tile.at(offset_), tile.stride);
  }

 private:
  BagKernel kernel_;
  Table table_;
  Pooling pooling_;
  int64_t array_;
  int64_t offset_;
};

class RowsStep final : public Step {
 public:
  RowsStep(const KernelTable& kernels, const Table& table, int64_t array, int64_t offset)
      : kernel_(rows_kernel(kernels, table.format())), table_(table), array_(array), offset_(offset) {}
  void gather(const Tile& tile, std::vector<Memory>& out) const override {
    const int64_t* ids = tile.arrays[array_].ids.data() + tile.first;
    append_rows(table_, {ids, static_cast<size_t>(tile.rows)}, out);
  }
  void run(const Tile& tile) const noexcept override {
    kernel_(table_.data(), table_.row_bytes(), table_.dim(), tile.arrays[array_].ids.data() + tile.first, tile.rows,
            tile.at(offset_), tile.stride);
  }

 private:
  RowsKernel kernel_;
  Table table_;
  int64_t array_;
  int64_t offset_;
};

}  // namespace

void lower_embedding_bag(Lowering& lowering, const OpNode& node) {
  const int64_t input = node.inputs[0];
  const Slot& slot = lowering.slot(input);
  const Table& table = lowering.program().parameters().tables.at(node.table);
  const Part out = lowering.allocate(slot.side, table.dim());
  if (slot.kind == InputKind::kIds) {
    lowering.add<RowsStep>(slot.side, lowering.kernels(), table, input, out.offset);
  } else {
    lowering.add<EmbeddingBagStep>(slot.side, lowering.kernels(), table, node.pooling, input, out.offset);
  }
  lowering.define(node.output, {out});
}

}  // namespace recfast::cpu
