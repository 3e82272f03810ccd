// input on the CPU.

#include <cstring>

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class InputStep final : public Step {
 public:
  explicit InputStep(const split::Input& plan) : plan_(plan) {}
  void run(const Tile& tile) const noexcept override {
    const float* values = tile.arrays[plan_.array].values.data() + tile.first * plan_.width;
    for (int64_t r = 0; r < tile.rows; ++r) {
      std::memcpy(tile.at(plan_.out) + r * tile.stride, values + r * plan_.width,
                  static_cast<size_t>(plan_.width) * sizeof(float));
    }
  }

 private:
  split::Input plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Input& plan, const Binding&) {
  return std::make_unique<InputStep>(plan);
}

}  // namespace recfast::cpu
