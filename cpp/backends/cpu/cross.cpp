// cross on the CPU: the product splits by sides, the elementwise part runs on the join.

#include "backends/cpu/cross.h"

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

void define_crossed(Lowering& lowering, const OpNode& node, const Part& z) {
  const Side side = lowering.slot(node.output).side;
  const Part z_whole = lowering.contiguous({z}, side);
  const Part x0 = lowering.contiguous(lowering.value(node.inputs[0]), side);
  const Part xl = lowering.contiguous(lowering.value(node.inputs[1]), side);
  const Part out = lowering.allocate(side, x0.width);
  lowering.add<CrossStep>(side, lowering.kernels(),
                          CrossStep::Options{.x0 = x0.offset, .z = z_whole.offset, .xl = xl.offset, .out = out});
  lowering.define(node.output, {out});
}

void lower_cross(Lowering& lowering, const OpNode& node) {
  const Parameters& parameters = lowering.program().parameters();
  const Product product{.weight = &parameters.weights.at(node.weight),
                        .bias = node.bias.empty() ? nullptr : &parameters.weights.at(node.bias),
                        .relu = false};
  define_crossed(lowering, node, lower_product(lowering, lowering.value(node.inputs[1]), product));
}

}  // namespace recfast::cpu
