// add_dot on a CUDA device.

#include "backends/cuda/step.h"
#include "kernels/cuda/kernels.h"

namespace recfast::cuda {
namespace {

class AddDotStep final : public Step {
 public:
  explicit AddDotStep(const split::AddDot& plan) : plan_(plan) {}
  void enqueue(const Tile& tile) const override {
    const DotScores scores{.a = tile.operand(plan_.a), .b = tile.operand(plan_.b), .accumulate = true};
    RECFAST_CUDA_CHECK(
        dot_scores(scores, tile.rows, plan_.dim, tile.at(plan_.term).data, tile.frame.stride, tile.stream));
  }

 private:
  split::AddDot plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::AddDot& plan) {
  return std::make_unique<AddDotStep>(plan);
}

}  // namespace recfast::cuda
