// normalise on the CPU.

#include <algorithm>
#include <cmath>

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class NormaliseStep final : public Step {
 public:
  NormaliseStep(const split::Normalise& plan, const Binding& binding)
      : dot_(binding.kernels.dot_rows), x_(plan.x), width_(plan.width), out_(plan.out) {
    if (plan.gain == nullptr) return;
    gain_ = binding.arena.floats(static_cast<size_t>(width_));
    std::copy_n(plan.gain->data, width_, gain_);
  }
  void run(const Tile& tile) const noexcept override {
    const float* const* x = tile.rows_of({split::Operand::Source::kFrame, x_}, 0);
    std::fill_n(tile.scalars, tile.rows, 0.0f);
    dot_(x, x, tile.rows, width_, tile.scalars);
    for (int64_t r = 0; r < tile.rows; ++r) {
      const float length = std::max(std::sqrt(tile.scalars[r]), split::Normalise::kShortest);
      float* out = tile.at(out_) + r * tile.stride;
      for (int64_t d = 0; d < width_; ++d) {
        const float unit = x[r][d] / length;
        out[d] = gain_ != nullptr ? gain_[d] * unit : unit;
      }
    }
  }

 private:
  decltype(KernelTable::dot_rows) dot_;
  int64_t x_;  // frame offsets
  int64_t width_;
  int64_t out_;
  float* gain_ = nullptr;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Normalise& plan, const Binding& binding) {
  return std::make_unique<NormaliseStep>(plan, binding);
}

}  // namespace recfast::cpu
