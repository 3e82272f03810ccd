// copy on the CPU.

#include <cstring>

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class CopyStep final : public Step {
 public:
  explicit CopyStep(const split::Copy& plan) : plan_(plan) {}
  void run(const Tile& tile) const noexcept override {
    const float* const* rows = tile.rows_of(plan_.from, 0);
    for (int64_t r = 0; r < tile.rows; ++r) {
      std::memcpy(tile.at(plan_.out) + r * tile.stride, rows[r], static_cast<size_t>(plan_.width) * sizeof(float));
    }
  }

 private:
  split::Copy plan_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Copy& plan, const Binding&) {
  return std::make_unique<CopyStep>(plan);
}

}  // namespace recfast::cpu
