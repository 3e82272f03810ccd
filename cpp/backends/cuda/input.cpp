// input on a CUDA device.

#include "backends/cuda/step.h"
#include "kernels/cuda/kernels.h"

namespace recfast::cuda {
namespace {

class InputStep final : public Step {
 public:
  explicit InputStep(const split::Input& plan) : plan_(plan) {}
  void enqueue(const Tile& tile) const override {
    constexpr int64_t kWhole = 4;  // floats in 16 bytes
    const int64_t row_bytes = (plan_.width + kWhole - 1) / kWhole * kWhole * static_cast<int64_t>(sizeof(float));
    const Operand values{.rows = {.data = tile.arrays[plan_.array].values, .row_bytes = row_bytes, .dim = plan_.width}};
    RECFAST_CUDA_CHECK(join_rows(values, nullptr, tile.rows, plan_.width, false, tile.at(plan_.out), tile.stream));
  }

 private:
  split::Input plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Input& plan) {
  return std::make_unique<InputStep>(plan);
}

}  // namespace recfast::cuda
