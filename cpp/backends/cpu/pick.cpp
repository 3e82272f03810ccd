// pick on the CPU.

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class PickStep final : public Step {
 public:
  explicit PickStep(const split::Pick& plan) : plan_(plan) {}
  void run(const Tile& tile) const noexcept override {
    const float* const* x = tile.rows_of(plan_.x, 0);
    const float* const* id = tile.rows_of(plan_.id, 1);
    for (int64_t r = 0; r < tile.rows; ++r) tile.at(plan_.out)[r * tile.stride] = x[r][static_cast<int64_t>(*id[r])];
  }

 private:
  split::Pick plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Pick& plan, const Binding&) {
  return std::make_unique<PickStep>(plan);
}

}  // namespace recfast::cpu
