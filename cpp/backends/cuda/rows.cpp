// rows on a CUDA device.

#include "backends/cuda/device_rows.h"
#include "backends/cuda/step.h"
#include "kernels/cuda/kernels.h"

namespace recfast::cuda {
namespace {

class RowsStep final : public Step {
 public:
  explicit RowsStep(const split::Rows& plan)
      : plan_(plan), table_(plan.table->format(), plan.table->num_rows(), plan.table->dim()) {
    table_.put(0, plan.table->num_rows(), plan.table->data(), plan.table->row_bytes());
  }
  void enqueue(const Tile& tile) const override {
    const Ids ids{.data = tile.arrays[plan_.array].ids};
    RECFAST_CUDA_CHECK(
        embedding_bag(table_.view(), ids, nullptr, tile.rows, nullptr, Pooling::kSum, tile.at(plan_.out), tile.stream));
  }

 private:
  split::Rows plan_;
  OwnedRows table_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Rows& plan) {
  return std::make_unique<RowsStep>(plan);
}

}  // namespace recfast::cuda
