// linear on a CUDA device.

#include "backends/cuda/memory.h"
#include "backends/cuda/step.h"
#include "kernels/cuda/layers.h"

namespace recfast::cuda {
namespace {

class LinearStep final : public Step {
 public:
  explicit LinearStep(const split::Linear& plan) : plan_(plan), has_bias_(plan.bias != nullptr) {
    const std::vector<float> rows = plan.gathered();
    std::vector<float> columns(rows.size());
    for (int64_t o = 0; o < plan.out; ++o)
      for (int64_t i = 0; i < plan.in; ++i)
        columns[static_cast<size_t>(i * plan.out + o)] = rows[static_cast<size_t>(o * plan.in + i)];
    weights_ = uploaded(columns.data(), plan.in * plan.out);
    if (has_bias_) bias_ = uploaded(plan.bias->data, plan.out);
  }
  void enqueue(const Tile& tile) const override {
    RECFAST_CUDA_CHECK(linear({.frame = tile.frame,
                               .rows = tile.rows,
                               .weights = weights_.as<float>(),
                               .bias = has_bias_ ? bias_.as<float>() : nullptr,
                               .in = plan_.in,
                               .out = plan_.out,
                               .x = plan_.x,
                               .y = plan_.y,
                               .accumulate = plan_.accumulate,
                               .relu = plan_.relu},
                              tile.stream));
  }

 private:
  split::Linear plan_;
  bool has_bias_;
  DeviceMemory weights_;  // f32 [in, out]
  DeviceMemory bias_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Linear& plan) {
  return std::make_unique<LinearStep>(plan);
}

}  // namespace recfast::cuda
