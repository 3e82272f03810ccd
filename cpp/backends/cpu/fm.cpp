// fm on the CPU.

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class FmStep final : public Step {
 public:
  FmStep(const KernelTable& kernels, const split::Fm& plan) : kernel_(kernels.fm), plan_(plan) {}
  void run(const Tile& tile) const noexcept override {
    kernel_(tile.at(plan_.x), tile.stride, tile.rows, plan_.fields, plan_.dim, tile.at(plan_.sum), tile.stride,
            tile.at(plan_.term), tile.stride);
  }

 private:
  decltype(KernelTable::fm) kernel_;
  split::Fm plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Fm& plan, const Binding& binding) {
  return std::make_unique<FmStep>(binding.kernels, plan);
}

}  // namespace recfast::cpu
