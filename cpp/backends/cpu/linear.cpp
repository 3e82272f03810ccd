// linear on the CPU: weights packed for the kernel that its outputs are enough for.

#include <algorithm>
#include <vector>

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

// Fewer outputs than this are dot products: a panel of 16 would be mostly padding.
constexpr int64_t kNarrow = 8;

class LinearStep final : public Step {
 public:
  LinearStep(const split::Linear& plan, const Binding& binding)
      : in_(plan.in), out_(plan.out), x_(plan.x), y_(plan.y), accumulate_(plan.accumulate), relu_(plan.relu) {
    const bool narrow = out_ < kNarrow;
    kernel_ = narrow ? binding.kernels.linear_narrow : binding.kernels.linear;
    const std::vector<float> columns = plan.gathered();
    weights_ = binding.arena.floats(narrow ? columns.size() : static_cast<size_t>(packed_size(in_, out_)));
    if (narrow)
      std::copy_n(columns.data(), columns.size(), weights_);
    else
      pack_linear(columns.data(), in_, in_, out_, weights_);
    if (plan.bias != nullptr) {
      bias_ = binding.arena.floats(static_cast<size_t>(packed_width(out_)));
      std::copy_n(plan.bias->data, out_, bias_);
    }
  }
  void run(const Tile& tile) const noexcept override {
    kernel_(tile.at(x_), tile.stride, tile.rows, in_, weights_, bias_, accumulate_, relu_, tile.at(y_), tile.stride,
            out_, tile.ahead);
  }

 private:
  decltype(KernelTable::linear) kernel_;
  int64_t in_;
  int64_t out_;
  int64_t x_;  // frame offsets
  int64_t y_;
  bool accumulate_;
  bool relu_;
  float* weights_ = nullptr;
  float* bias_ = nullptr;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Linear& plan, const Binding& binding) {
  return std::make_unique<LinearStep>(plan, binding);
}

}  // namespace recfast::cpu
