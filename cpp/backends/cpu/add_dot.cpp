// add_dot on the CPU.

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class AddDotStep final : public Step {
 public:
  AddDotStep(const KernelTable& kernels, const split::AddDot& plan) : kernel_(kernels.dot_rows), plan_(plan) {}
  void run(const Tile& tile) const noexcept override {
    const float* const* a = tile.rows_of(plan_.a, 0);
    const float* const* b = tile.rows_of(plan_.b, 1);
    float* term = tile.at(plan_.term);
    for (int64_t r = 0; r < tile.rows; ++r) tile.scalars[r] = term[r * tile.stride];
    kernel_(a, b, tile.rows, plan_.dim, tile.scalars);
    for (int64_t r = 0; r < tile.rows; ++r) term[r * tile.stride] = tile.scalars[r];
  }

 private:
  decltype(KernelTable::dot_rows) kernel_;
  split::AddDot plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::AddDot& plan, const Binding& binding) {
  return std::make_unique<AddDotStep>(binding.kernels, plan);
}

}  // namespace recfast::cpu
