// embedding_bag on the CPU.

#include "backends/cpu/append_rows.h"
#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class EmbeddingBagStep final : public Step {
 public:
  EmbeddingBagStep(const KernelTable& kernels, const split::EmbeddingBag& plan)
      : kernel_(bag_kernel(kernels, plan.table->format())),
        table_(*plan.table),
        pooling_(plan.pooling),
        array_(plan.array),
        out_(plan.out) {}
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
            weights, pooling_, tile.at(out_), tile.stride);
  }

 private:
  BagKernel kernel_;
  Table table_;
  Pooling pooling_;
  int64_t array_;
  int64_t out_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::EmbeddingBag& plan, const Binding& binding) {
  return std::make_unique<EmbeddingBagStep>(binding.kernels, plan);
}

}  // namespace recfast::cpu
