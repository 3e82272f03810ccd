// transpose on the CPU.

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class TransposeStep final : public Step {
 public:
  explicit TransposeStep(const split::Transpose& plan) : plan_(plan) {}
  void run(const Tile& tile) const noexcept override {
    const int64_t padded = split::Transpose::padded(plan_.lanes);
    for (int64_t r = 0; r < tile.rows; ++r) {
      const float* from = tile.at(plan_.x) + r * tile.stride;
      float* to = tile.at(plan_.y) + r * tile.stride;
      for (int64_t k = 0; k < plan_.dim; ++k)
        for (int64_t i = 0; i < padded; ++i) *to++ = i < plan_.lanes ? from[i * plan_.dim + k] : 0.0f;
    }
  }

 private:
  split::Transpose plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Transpose& plan, const Binding&) {
  return std::make_unique<TransposeStep>(plan);
}

}  // namespace recfast::cpu
