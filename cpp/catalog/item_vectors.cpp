#include "catalog/item_vectors.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/aligned.h"
#include "catalog/snapshot.h"

namespace recfast {
namespace {

// The f32 item rows of one block.
struct BlockRows {
  const float* data = nullptr;
  int64_t stride = 0;
  int64_t rows = 0;
  std::shared_ptr<const void> owner;
};

// Where they are, or a copy of what the format holds of them.
BlockRows rows_of(const Snapshot& snapshot, int64_t block, int64_t width) {
  const int64_t first = block * kBlockRows;
  const int64_t rows = std::min(kBlockRows, snapshot.rows - first);
  if (snapshot.format.in_place()) {
    return {.data = reinterpret_cast<const float*>(snapshot.item(first)),
            .stride = snapshot.format.row_bytes() / static_cast<int64_t>(sizeof(float)),
            .rows = rows,
            .owner = snapshot.memory(block)};
  }
  auto copy = std::make_shared<AlignedBuffer<float>>(static_cast<size_t>(rows * width));
  std::vector<int64_t> offsets;
  for (int64_t r = 0; r < rows; ++r) offsets.push_back(r * snapshot.format.row_bytes());
  snapshot.format.load(snapshot.item(first), offsets, copy->data());
  return {.data = copy->data(), .stride = width, .rows = rows, .owner = copy};
}

// False where something is not finite.
bool add_block(const VectorPlan& plan, const BlockRows& rows, ItemVectors& out, VectorBlocks& blocks) {
  float bias[kBlockRows];
  TermSize size;
  for (int64_t r = 0; r < rows.rows; ++r) {
    const float* row = rows.data + r * rows.stride;
    double square = 0;
    for (int64_t d = 0; d < plan.product.dim; ++d) {
      const double x = row[plan.product.item.offset + d];
      square += x * x;
    }
    double sum = 0;
    double absolute = 0;
    for (const cpu::Operand& number : plan.numbers) {
      sum += row[number.offset];
      absolute += std::abs(double{row[number.offset]});
    }
    bias[r] = static_cast<float>(sum);
    // Rounded up by a little.
    size.cover({static_cast<float>(std::sqrt(square) * 1.000001), static_cast<float>(absolute * 1.000001)});
    if (!std::isfinite(square) || !std::isfinite(bias[r]) || !std::isfinite(size.length) ||
        !std::isfinite(size.numbers))
      return false;
  }
  const VectorRows vectors{.data = rows.data + plan.product.item.offset,
                           .stride = rows.stride,
                           .rows = rows.rows,
                           .bias = plan.numbers.empty() ? nullptr : bias,
                           .owner = rows.owner};
  blocks.push_back(make_vector_blocks(plan.space(), vectors).front());
  out.sizes.push_back(size);
  out.largest.cover(size);
  return true;
}

}  // namespace

std::shared_ptr<const VectorPlan> make_vector_plan(const cpu::ScoreForm& form) {
  if (form.products.empty()) return nullptr;
  const auto widest = std::max_element(form.products.begin(), form.products.end(),
                                       [](const auto& a, const auto& b) { return a.dim < b.dim; });
  if (widest->dim > VectorSpace::kMaxDim) return nullptr;
  return std::make_shared<const VectorPlan>(
      VectorPlan{.product = *widest, .numbers = form.item, .whole = form.whole && form.products.size() == 1});
}

std::shared_ptr<const ItemVectors> make_item_vectors(const VectorPlan& plan, const Snapshot& snapshot,
                                                     const Snapshot* base) {
  const int64_t count = block_count(snapshot.rows);
  const ItemVectors* known = base == nullptr ? nullptr : base->vectors.get();
  auto out =
      std::make_shared<ItemVectors>(ItemVectors{.index = VectorIndex(plan.space(), {}), .sizes = {}, .largest = {}});
  VectorBlocks blocks;
  blocks.reserve(static_cast<size_t>(count));
  for (int64_t block = 0; block < count; ++block) {
    const auto at = static_cast<size_t>(block);
    const bool shared = known != nullptr && at < known->sizes.size() && base->memory(block) == snapshot.memory(block) &&
                        known->index.blocks()[at]->count == std::min(kBlockRows, snapshot.rows - block * kBlockRows);
    if (shared) {
      blocks.push_back(known->index.blocks()[at]);
      out->sizes.push_back(known->sizes[at]);
      out->largest.cover(known->sizes[at]);
    } else if (!add_block(plan, rows_of(snapshot, block, snapshot.format.width()), *out, blocks)) {
      return nullptr;
    }
  }
  out->index = VectorIndex(plan.space(), std::move(blocks));
  return out;
}

}  // namespace recfast
