// sparse_bag on the CPU, entry by entry.

#include <algorithm>

#include "backends/cpu/step.h"

namespace recfast::cpu {
namespace {

class SparseBagStep final : public Step {
 public:
  explicit SparseBagStep(const split::SparseBag& plan)
      : entries_(*plan.entries), columns_(*plan.columns), array_(plan.array), out_(plan.out) {}
  void gather(const Tile& tile, std::vector<Memory>& out) const override {
    const EncodedArray& bag = tile.arrays[array_];
    const auto bytes = entries_.columns * static_cast<int64_t>(sizeof(float));
    for (int64_t i = bag.offsets[static_cast<size_t>(tile.first)];
         i < bag.offsets[static_cast<size_t>(tile.first + tile.rows)]; ++i) {
      const int64_t first = bag.ids[static_cast<size_t>(i)] * entries_.columns;
      out.push_back({.data = entries_.data + first, .bytes = bytes});
      out.push_back({.data = columns_.data + first, .bytes = bytes});
    }
  }
  void run(const Tile& tile) const noexcept override {
    const EncodedArray& bag = tile.arrays[array_];
    const int64_t width = entries_.columns;
    for (int64_t r = 0; r < tile.rows; ++r) {
      float* out = tile.at(out_) + r * tile.stride;
      std::fill_n(out, entries_.rows, 0.0f);
      const auto end = static_cast<size_t>(bag.offsets[static_cast<size_t>(tile.first + r) + 1]);
      for (auto i = static_cast<size_t>(bag.offsets[static_cast<size_t>(tile.first + r)]); i < end; ++i) {
        const float factor = bag.kind == InputKind::kWeightedBag ? bag.values[i] : 1.0f;
        const float* entries = entries_.data + bag.ids[i] * width;
        const int32_t* columns = columns_.data + bag.ids[i] * width;
        for (int64_t j = 0; j < width; ++j) out[columns[j]] += factor * entries[j];
      }
    }
  }

 private:
  Weight entries_;
  Indices columns_;
  int64_t array_;
  int64_t out_;
};

}  // namespace

std::unique_ptr<Step> bind(const split::SparseBag& plan, const Binding&) {
  return std::make_unique<SparseBagStep>(plan);
}

}  // namespace recfast::cpu
