// dot_vectors on the CPU.

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class DotVectorsStep final : public Step {
 public:
  DotVectorsStep(const KernelTable& kernels, const split::DotVectors& plan)
      : kernel_(kernels.dot_vectors), plan_(plan) {}
  void run(const Tile& tile) const noexcept override {
    kernel_(tile.rows_of(plan_.left, 0), tile.rows_of(plan_.right.at, 1), plan_.right.count, tile.rows, plan_.right.dim,
            tile.at(plan_.y), tile.stride, plan_.step);
  }

 private:
  decltype(KernelTable::dot_vectors) kernel_;
  split::DotVectors plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::DotVectors& plan, const Binding& binding) {
  return std::make_unique<DotVectorsStep>(binding.kernels, plan);
}

}  // namespace recfast::cpu
