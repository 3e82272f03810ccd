// id on a CUDA device.

#include "backends/cuda/step.h"
#include "kernels/cuda/layers.h"

namespace recfast::cuda {
namespace {

class IdStep final : public Step {
 public:
  explicit IdStep(const split::Id& plan) : plan_(plan) {}
  void enqueue(const Tile& tile) const override {
    RECFAST_CUDA_CHECK(ids_to_numbers(tile.arrays[plan_.array].ids, tile.rows, tile.at(plan_.out), tile.stream));
  }

 private:
  split::Id plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Id& plan) {
  return std::make_unique<IdStep>(plan);
}

}  // namespace recfast::cuda
