// id on the CPU.

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class IdStep final : public Step {
 public:
  explicit IdStep(const split::Id& plan) : plan_(plan) {}
  void run(const Tile& tile) const noexcept override {
    const int64_t* ids = tile.arrays[plan_.array].ids.data() + tile.first;
    for (int64_t r = 0; r < tile.rows; ++r) tile.at(plan_.out)[r * tile.stride] = static_cast<float>(ids[r]);
  }

 private:
  split::Id plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Id& plan, const Binding&) {
  return std::make_unique<IdStep>(plan);
}

}  // namespace recfast::cpu
