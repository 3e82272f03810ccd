// normalise on a CUDA device.

#include "backends/cuda/memory.h"
#include "backends/cuda/step.h"
#include "kernels/cuda/layers.h"

namespace recfast::cuda {
namespace {

class NormaliseStep final : public Step {
 public:
  explicit NormaliseStep(const split::Normalise& plan) : plan_(plan) {
    if (plan.gain != nullptr) gain_ = uploaded(plan.gain->data, plan.width);
  }
  void enqueue(const Tile& tile) const override {
    RECFAST_CUDA_CHECK(normalise({.frame = tile.frame,
                                  .rows = tile.rows,
                                  .width = plan_.width,
                                  .x = plan_.x,
                                  .out = plan_.out,
                                  .gain = plan_.gain != nullptr ? gain_.as<float>() : nullptr,
                                  .shortest = split::Normalise::kShortest},
                                 tile.stream));
  }

 private:
  split::Normalise plan_;
  DeviceMemory gain_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Normalise& plan) {
  return std::make_unique<NormaliseStep>(plan);
}

}  // namespace recfast::cuda
