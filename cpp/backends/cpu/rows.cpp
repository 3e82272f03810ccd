// rows on the CPU.

#include "backends/cpu/append_rows.h"
#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class RowsStep final : public Step {
 public:
  RowsStep(const KernelTable& kernels, const split::Rows& plan)
      : kernel_(rows_kernel(kernels, plan.table->format())), table_(*plan.table), array_(plan.array), out_(plan.out) {}
  void gather(const Tile& tile, std::vector<Memory>& out) const override {
    const int64_t* ids = tile.arrays[array_].ids.data() + tile.first;
    append_rows(table_, {ids, static_cast<size_t>(tile.rows)}, out);
  }
  void run(const Tile& tile) const noexcept override {
    kernel_(table_.data(), table_.row_bytes(), table_.dim(), tile.arrays[array_].ids.data() + tile.first, tile.rows,
            tile.at(out_), tile.stride);
  }

 private:
  RowsKernel kernel_;
  Table table_;
  int64_t array_;
  int64_t out_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::Rows& plan, const Binding& binding) {
  return std::make_unique<RowsStep>(binding.kernels, plan);
}

}  // namespace recfast::cpu
