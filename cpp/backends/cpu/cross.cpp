// cross on the CPU.

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class CrossStep final : public Step {
 public:
  CrossStep(const KernelTable& kernels, const split::Cross& plan) : kernel_(kernels.cross), plan_(plan) {}
  void run(const Tile& tile) const noexcept override {
    kernel_(tile.at(plan_.x0), tile.stride, tile.at(plan_.z), tile.stride, tile.at(plan_.xl), tile.stride, tile.rows,
            plan_.width, tile.at(plan_.out), tile.stride);
  }

 private:
  decltype(KernelTable::cross) kernel_;
  split::Cross plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Cross& plan, const Binding& binding) {
  return std::make_unique<CrossStep>(binding.kernels, plan);
}

}  // namespace recfast::cpu
