// dot_block on a CUDA device.

#include "backends/cuda/step.h"
#include "kernels/cuda/layers.h"

namespace recfast::cuda {
namespace {

class DotBlockStep final : public Step {
 public:
  explicit DotBlockStep(const split::DotBlock& plan) : plan_(plan) {}
  void enqueue(const Tile& tile) const override {
    RECFAST_CUDA_CHECK(dots({.left = tile.operand(plan_.left),
                             .lanes = plan_.lanes,
                             .left_lane = 1,
                             .left_step = split::Transpose::padded(plan_.lanes),
                             .right = tile.operand(plan_.right.at),
                             .count = plan_.right.count,
                             .dim = plan_.right.dim,
                             .y = tile.at(plan_.y),
                             .step = plan_.step,
                             .rows = tile.rows},
                            tile.stream));
  }

 private:
  split::DotBlock plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::DotBlock& plan) {
  return std::make_unique<DotBlockStep>(plan);
}

}  // namespace recfast::cuda
