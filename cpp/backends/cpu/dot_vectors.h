#pragma once
// dot_vectors: frame[y + j * step] = left . right[j], one vector with every vector of a list.

#include "backends/cpu/lowering.h"

namespace recfast::cpu {

// A list of vectors, one behind the other.
struct Vectors {
  Operand at;
  int64_t count = 0;
  int64_t dim = 0;
  Operand operator[](int64_t i) const { return {at.source, at.offset + i * dim}; }
};

class DotVectorsStep final : public Step {
 public:
  struct Options {
    Operand left;
    Vectors right;
    int64_t y = 0;
    int64_t step = 1;
  };
  DotVectorsStep(const KernelTable& kernels, Options options) : kernel_(kernels.dot_vectors), options_(options) {}
  void run(const Tile& tile) const noexcept override {
    kernel_(tile.rows_of(options_.left, 0), tile.rows_of(options_.right.at, 1), options_.right.count, tile.rows,
            options_.right.dim, tile.at(options_.y), tile.stride, options_.step);
  }

 private:
  decltype(KernelTable::dot_vectors) kernel_;
  Options options_;
};

}  // namespace recfast::cpu
