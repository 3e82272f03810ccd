// embedding_bag on a CUDA device.

#include "backends/cuda/device_rows.h"
#include "backends/cuda/step.h"
#include "kernels/cuda/kernels.h"

namespace recfast::cuda {
namespace {

class EmbeddingBagStep final : public Step {
 public:
  explicit EmbeddingBagStep(const split::EmbeddingBag& plan)
      : plan_(plan), table_(plan.table->format(), plan.table->num_rows(), plan.table->dim()) {
    table_.put(0, plan.table->num_rows(), plan.table->data(), plan.table->row_bytes());
  }
  void enqueue(const Tile& tile) const override {
    const DeviceArray& bag = tile.arrays[plan_.array];
    const float* weights = bag.kind == InputKind::kWeightedBag ? bag.values : nullptr;
    RECFAST_CUDA_CHECK(embedding_bag(table_.view(), {.data = bag.ids}, bag.offsets, tile.rows, weights, plan_.pooling,
                                     tile.at(plan_.out), tile.stream));
  }

 private:
  split::EmbeddingBag plan_;
  OwnedRows table_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::EmbeddingBag& plan) {
  return std::make_unique<EmbeddingBagStep>(plan);
}

}  // namespace recfast::cuda
