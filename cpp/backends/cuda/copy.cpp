// copy on a CUDA device.

#include "backends/cuda/step.h"
#include "kernels/cuda/kernels.h"

namespace recfast::cuda {
namespace {

class CopyStep final : public Step {
 public:
  explicit CopyStep(const split::Copy& plan) : plan_(plan) {}
  void enqueue(const Tile& tile) const override {
    const Operand from = tile.operand(plan_.from);
    RECFAST_CUDA_CHECK(join_rows(from, nullptr, tile.rows, plan_.width, false, tile.at(plan_.out), tile.stream));
  }

 private:
  split::Copy plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Copy& plan) {
  return std::make_unique<CopyStep>(plan);
}

}  // namespace recfast::cuda
