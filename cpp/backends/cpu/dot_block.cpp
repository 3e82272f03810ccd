// dot_block on the CPU.

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class DotBlockStep final : public Step {
 public:
  DotBlockStep(const KernelTable& kernels, const split::DotBlock& plan) : kernel_(kernels.dot_block), plan_(plan) {}
  void run(const Tile& tile) const noexcept override {
    kernel_(tile.rows_of(plan_.left, 0), plan_.lanes, tile.rows_of(plan_.right.at, 1), plan_.right.count, tile.rows,
            plan_.right.dim, tile.at(plan_.y), tile.stride, plan_.step);
  }

 private:
  decltype(KernelTable::dot_block) kernel_;
  split::DotBlock plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::DotBlock& plan, const Binding& binding) {
  return std::make_unique<DotBlockStep>(binding.kernels, plan);
}

}  // namespace recfast::cpu
