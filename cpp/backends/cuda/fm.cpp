// fm on a CUDA device.

#include "backends/cuda/step.h"
#include "kernels/cuda/layers.h"

namespace recfast::cuda {
namespace {

class FmStep final : public Step {
 public:
  explicit FmStep(const split::Fm& plan) : plan_(plan) {}
  void enqueue(const Tile& tile) const override {
    RECFAST_CUDA_CHECK(fm({.frame = tile.frame,
                           .rows = tile.rows,
                           .fields = plan_.fields,
                           .dim = plan_.dim,
                           .x = plan_.x,
                           .sum = plan_.sum,
                           .term = plan_.term},
                          tile.stream));
  }

 private:
  split::Fm plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Fm& plan) {
  return std::make_unique<FmStep>(plan);
}

}  // namespace recfast::cuda
