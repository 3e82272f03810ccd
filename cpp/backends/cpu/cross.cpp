// cross on the CPU: the product splits by sides, the elementwise part runs on the join.

#include "backends/cpu/linear.h"

namespace recfast::cpu {
namespace {

class CrossStep final : public Step {
 public:
  struct Options {
    int64_t x0 = 0;  // frame offsets
    int64_t z = 0;
    int64_t xl = 0;
    Part out;
  };
  CrossStep(const KernelTable& kernels, Options options) : kernel_(kernels.cross), options_(options) {}
  void run(const Tile& tile) const noexcept override {
    kernel_(tile.at(options_.x0), tile.stride, tile.at(options_.z), tile.stride, tile.at(options_.xl), tile.stride,
            tile.rows, options_.out.width, tile.at(options_.out.offset), tile.stride);
  }

 private:
  decltype(KernelTable::cross) kernel_;
  Options options_;
};

}  // namespace

void lower_cross(Lowering& lowering, const OpNode& node) {
  const Parameters& parameters = lowering.program().parameters();
  const Value x0 = lowering.value(node.inputs[0]);
  const Value xl = lowering.value(node.inputs[1]);
  const Side side = lowering.slot(node.output).side;
  const Product product{.weight = &parameters.weights.at(node.weight),
                        .bias = node.bias.empty() ? nullptr : &parameters.weights.at(node.bias),
                        .relu = false};
  const Part z = lowering.contiguous({lower_product(lowering, xl, product)}, side);
  const Part x0_whole = lowering.contiguous(x0, side);
  const Part xl_whole = lowering.contiguous(xl, side);
  const Part out = lowering.allocate(side, x0_whole.width);
  lowering.add<CrossStep>(side, lowering.kernels(),
                          CrossStep::Options{.x0 = x0_whole.offset, .z = z.offset, .xl = xl_whole.offset, .out = out});
  lowering.define(node.output, {out});
}

}  // namespace recfast::cpu
