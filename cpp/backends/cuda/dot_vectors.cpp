// dot_vectors on a CUDA device.

#include "backends/cuda/step.h"
#include "kernels/cuda/layers.h"

namespace recfast::cuda {
namespace {

class DotVectorsStep final : public Step {
 public:
  explicit DotVectorsStep(const split::DotVectors& plan) : plan_(plan) {}
  void enqueue(const Tile& tile) const override {
    RECFAST_CUDA_CHECK(dots({.left = tile.operand(plan_.left),
                             .left_lane = plan_.right.dim,
                             .right = tile.operand(plan_.right.at),
                             .count = plan_.right.count,
                             .dim = plan_.right.dim,
                             .y = tile.at(plan_.y),
                             .step = plan_.step,
                             .rows = tile.rows},
                            tile.stream));
  }

 private:
  split::DotVectors plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::DotVectors& plan) {
  return std::make_unique<DotVectorsStep>(plan);
}

}  // namespace recfast::cuda
