// join_rows on a CUDA device.

#include "backends/cuda/step.h"
#include "kernels/cuda/kernels.h"

namespace recfast::cuda {
namespace {

class JoinRowsStep final : public Step {
 public:
  explicit JoinRowsStep(const split::JoinRows& plan) : plan_(plan) {}
  void enqueue(const Tile& tile) const override {
    const Operand a = tile.operand(plan_.a);
    const Operand b = plan_.b ? tile.operand(*plan_.b) : Operand{};
    RECFAST_CUDA_CHECK(
        join_rows(a, plan_.b ? &b : nullptr, tile.rows, plan_.width, plan_.relu, tile.at(plan_.out), tile.stream));
  }

 private:
  split::JoinRows plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::JoinRows& plan) {
  return std::make_unique<JoinRowsStep>(plan);
}

}  // namespace recfast::cuda
