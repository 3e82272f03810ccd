#include "catalog/item_vectors.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/aligned.h"
#include "catalog/snapshot.h"

namespace recfast {
namespace {

// What a search reads of the rows of one block.
struct BlockTerms {
  VectorRows vectors;
  float numbers[kBlockRows] = {};  // of each item, added up
  TermSize largest;
  bool finite = true;
};

void add_row(const VectorPlan& plan, const float* row, int64_t r, BlockTerms& out) {
  double square = 0;
  for (int64_t d = 0; d < plan.product.dim; ++d) {
    const double x = row[plan.product.item.offset + d];
    square += x * x;
  }
  double sum = 0;
  double absolute = 0;
  for (const split::Operand& number : plan.numbers) {
    sum += row[number.offset];
    absolute += std::abs(double{row[number.offset]});
  }
  out.numbers[r] = static_cast<float>(sum);
  // Rounded up by a little.
  const TermSize size{static_cast<float>(std::sqrt(square) * 1.000001), static_cast<float>(absolute * 1.000001)};
  out.largest.cover(size);
  out.finite = out.finite && std::isfinite(size.length) && std::isfinite(size.numbers);
}

// The vectors where they are, or a copy of what the format holds of them: of them alone, since it stays. Removed items
// count for nothing.
void read_terms(const VectorPlan& plan, const Snapshot& snapshot, int64_t block, BlockTerms& out) {
  const int64_t first = block * kBlockRows;
  out.vectors.rows = std::min(kBlockRows, snapshot.rows - first);
  out.vectors.present = snapshot.alive(block);
  if (snapshot.format.in_place()) {
    const auto* rows = reinterpret_cast<const float*>(snapshot.item(first));
    out.vectors.stride = snapshot.format.row_bytes() / static_cast<int64_t>(sizeof(float));
    out.vectors.data = rows + plan.product.item.offset;
    out.vectors.owner = snapshot.memory(block);
    for (int64_t r = 0; r < out.vectors.rows; ++r)
      if (snapshot.is_alive(first + r)) add_row(plan, rows + r * out.vectors.stride, r, out);
    return;
  }
  const int64_t dim = plan.product.dim;
  auto vectors = std::make_shared<AlignedBuffer<float>>(static_cast<size_t>(out.vectors.rows * dim));
  AlignedBuffer<float> row(static_cast<size_t>(snapshot.format.width()));
  constexpr int64_t kHere = 0;
  for (int64_t r = 0; r < out.vectors.rows; ++r) {
    if (!snapshot.is_alive(first + r)) continue;
    snapshot.format.load(snapshot.item(first + r), {&kHere, 1}, row.data());
    add_row(plan, row.data(), r, out);
    std::copy_n(row.data() + plan.product.item.offset, dim, vectors->data() + r * dim);
  }
  out.vectors.stride = dim;
  out.vectors.data = vectors->data();
  out.vectors.owner = std::move(vectors);
}

}  // namespace

std::shared_ptr<const VectorPlan> make_vector_plan(const split::ScoreForm& form) {
  if (form.products.empty()) return nullptr;
  const auto widest = std::max_element(form.products.begin(), form.products.end(),
                                       [](const auto& a, const auto& b) { return a.dim < b.dim; });
  if (widest->dim > VectorSpace::kMaxDim) return nullptr;
  return std::make_shared<const VectorPlan>(
      VectorPlan{.product = *widest, .numbers = form.item, .whole = form.whole && form.products.size() == 1});
}

std::shared_ptr<const ItemVectors> make_item_vectors(const VectorPlan& plan, const Snapshot& snapshot,
                                                     const Snapshot* base, const std::shared_ptr<MemoryUse>& use) {
  const int64_t count = block_count(snapshot.rows);
  const ItemVectors* known = base == nullptr ? nullptr : base->vectors.get();
  auto out = std::make_shared<ItemVectors>(
      ItemVectors{.index = VectorIndex(plan.space(), {}), .sizes = {}, .largest = {}, .bytes = 0});
  const auto bytes_of = [&](const VectorBlock& block) {
    const int64_t copied = snapshot.format.in_place() ? 0 : block.count * plan.product.dim;
    return size_bytes(plan.space(), block) + copied * static_cast<int64_t>(sizeof(float));
  };
  VectorBlocks blocks;
  blocks.reserve(static_cast<size_t>(count));
  for (int64_t block = 0; block < count; ++block) {
    const auto at = static_cast<size_t>(block);
    const bool shared = known != nullptr && at < known->sizes.size() && base->memory(block) == snapshot.memory(block) &&
                        known->index.blocks()[at]->count == std::min(kBlockRows, snapshot.rows - block * kBlockRows);
    const bool as_it_was =
        shared && std::equal(snapshot.alive(block), snapshot.alive(block) + kBlockWords, base->alive(block));
    std::optional<BlockTerms> terms;
    if (!as_it_was) read_terms(plan, snapshot, block, terms.emplace());
    // Where items were removed only, the block's codes stay, unless its bounds would be too wide for what is left.
    if (as_it_was || (shared && terms->largest == known->sizes[at])) {
      blocks.push_back(known->index.blocks()[at]);
      out->sizes.push_back(known->sizes[at]);
    } else {
      if (!terms->finite) return nullptr;
      if (!plan.numbers.empty()) terms->vectors.bias = terms->numbers;
      const std::shared_ptr<const VectorBlock> made = make_vector_blocks(plan.space(), terms->vectors).front();
      blocks.emplace_back(counted(use, made, bytes_of(*made)), made.get());
      out->sizes.push_back(terms->largest);
    }
    out->largest.cover(out->sizes.back());
    out->bytes += bytes_of(*blocks.back());
  }
  out->index = VectorIndex(plan.space(), std::move(blocks));
  return out;
}

}  // namespace recfast
