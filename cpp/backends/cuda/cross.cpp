// cross on a CUDA device.

#include "backends/cuda/step.h"
#include "kernels/cuda/layers.h"

namespace recfast::cuda {
namespace {

class CrossStep final : public Step {
 public:
  explicit CrossStep(const split::Cross& plan) : plan_(plan) {}
  void enqueue(const Tile& tile) const override {
    RECFAST_CUDA_CHECK(cross({.frame = tile.frame,
                              .rows = tile.rows,
                              .width = plan_.width,
                              .x0 = plan_.x0,
                              .z = plan_.z,
                              .xl = plan_.xl,
                              .out = plan_.out},
                             tile.stream));
  }

 private:
  split::Cross plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Cross& plan) {
  return std::make_unique<CrossStep>(plan);
}

}  // namespace recfast::cuda
