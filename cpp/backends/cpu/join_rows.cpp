// join_rows on the CPU.

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class JoinRowsStep final : public Step {
 public:
  JoinRowsStep(const KernelTable& kernels, const split::JoinRows& plan) : kernel_(kernels.join_rows), plan_(plan) {}
  void run(const Tile& tile) const noexcept override {
    const float* const* a = tile.rows_of(plan_.a, 0);
    const float* const* b = plan_.b ? tile.rows_of(*plan_.b, 1) : nullptr;
    kernel_(a, b, tile.rows, plan_.width, plan_.relu, tile.at(plan_.out), tile.stride);
  }

 private:
  decltype(KernelTable::join_rows) kernel_;
  split::JoinRows plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::JoinRows& plan, const Binding& binding) {
  return std::make_unique<JoinRowsStep>(binding.kernels, plan);
}

}  // namespace recfast::cpu
