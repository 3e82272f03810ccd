// normalise on the CPU: on the side of its input, once per request or item.

#include <algorithm>
#include <cmath>

#include "backends/cpu/lowering.h"

namespace recfast::cpu {
namespace {

constexpr float kShortest = 1e-12f;

class NormaliseStep final : public Step {
 public:
  struct Options {
    int64_t x = 0;  // frame offset
    const float* gain = nullptr;
    Part out;
  };
  NormaliseStep(const KernelTable& kernels, Options options) : dot_(kernels.dot_rows), options_(options) {}
  void run(const Tile& tile) const noexcept override {
    const float* const* x = tile.rows_of({Operand::Source::kFrame, options_.x}, 0);
    const int64_t width = options_.out.width;
    std::fill_n(tile.scalars, tile.rows, 0.0f);
    dot_(x, x, tile.rows, width, tile.scalars);
    for (int64_t r = 0; r < tile.rows; ++r) {
      const float length = std::max(std::sqrt(tile.scalars[r]), kShortest);
      float* out = tile.at(options_.out.offset) + r * tile.stride;
      for (int64_t d = 0; d < width; ++d) {
        const float unit = x[r][d] / length;
        out[d] = options_.gain != nullptr ? options_.gain[d] * unit : unit;
      }
    }
  }

 private:
  decltype(KernelTable::dot_rows) dot_;
  Options options_;
};

}  // namespace

void lower_normalise(Lowering& lowering, const OpNode& node) {
  const Side side = lowering.slot(node.output).side;
  const Part x = lowering.contiguous(lowering.value(node.inputs[0]), side);
  const float* gain = nullptr;
  if (!node.weight.empty()) {
    lowering.count_weights(x.width);
    float* copy = lowering.arena().floats(static_cast<size_t>(x.width));
    std::copy_n(lowering.program().parameters().weights.at(node.weight).data, x.width, copy);
    gain = copy;
  }
  const Part out = lowering.allocate(side, x.width);
  lowering.add<NormaliseStep>(side, lowering.kernels(),
                              NormaliseStep::Options{.x = x.offset, .gain = gain, .out = out});
  lowering.define(node.output, {out});
}

}  // namespace recfast::cpu
