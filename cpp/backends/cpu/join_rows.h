#pragma once
// join_rows: frame[offset ..] = act(a + b), a and b operands; without b a copy with activation.

#include <optional>

#include "backends/cpu/lowering.h"

namespace recfast::cpu {

class JoinRowsStep final : public Step {
 public:
  struct Options {
    Operand a;
    std::optional<Operand> b;
    bool relu = false;
    Part out;
  };
  JoinRowsStep(const KernelTable& kernels, Options options) : kernel_(kernels.join_rows), options_(options) {}
  void run(const Tile& tile) const noexcept override {
    const float* const* a = tile.rows_of(options_.a, 0);
    const float* const* b = options_.b ? tile.rows_of(*options_.b, 1) : nullptr;
    kernel_(a, b, tile.rows, options_.out.width, options_.relu, tile.at(options_.out.offset), tile.stride);
  }

 private:
  decltype(KernelTable::join_rows) kernel_;
  Options options_;
};

}  // namespace recfast::cpu
