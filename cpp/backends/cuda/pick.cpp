// pick on a CUDA device.

#include "backends/cuda/step.h"
#include "kernels/cuda/layers.h"

namespace recfast::cuda {
namespace {

class PickStep final : public Step {
 public:
  explicit PickStep(const split::Pick& plan) : plan_(plan) {}
  void enqueue(const Tile& tile) const override {
    RECFAST_CUDA_CHECK(pick(tile.operand(plan_.x), tile.operand(plan_.id), tile.rows, tile.at(plan_.out), tile.stream));
  }

 private:
  split::Pick plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Pick& plan) {
  return std::make_unique<PickStep>(plan);
}

}  // namespace recfast::cuda
