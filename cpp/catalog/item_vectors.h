#pragma once
// ItemVectors: the part of the item side that a retriever searches. Where a score is a product of a request's vector
// with an item's, plus numbers of either, the k best of all items are found without running the pair stage for each.

#include <memory>
#include <vector>

#include "backends/cpu/executor.h"
#include "base/memory_use.h"
#include "retrieval/vector_index.h"

namespace recfast {

struct Snapshot;

// Which part that is.
struct VectorPlan {
  split::ScoreForm::Product product;
  std::vector<split::Operand> numbers;  // of the item, added to the product
  bool whole = false;                   // the score has no other terms that differ from item to item

  VectorSpace space() const noexcept { return {.format = VectorFormat::kI8, .dim = product.dim}; }
};

// The widest product of the score, or null where it has none. One that has several is not whole.
std::shared_ptr<const VectorPlan> make_vector_plan(const split::ScoreForm& form);

// How large the terms of an item are, for bounds.
struct TermSize {
  float length = 0;   // of the vector
  float numbers = 0;  // sum of their absolute values
  bool operator==(const TermSize&) const = default;
  void cover(const TermSize& other) noexcept {
    length = std::max(length, other.length);
    numbers = std::max(numbers, other.numbers);
  }
};

struct ItemVectors {
  VectorIndex index;
  std::vector<TermSize> sizes;  // the largest of every block
  TermSize largest;
  int64_t bytes = 0;  // of codes, bounds, and vectors that do not lie in the stored item side
};

// Of a version whose blocks are complete, counted in `use`. base: the version before, whose blocks are taken over where
// memory and rows are the same, or null. Null when a vector or a number is not finite: then every item has to be
// ranked.
std::shared_ptr<const ItemVectors> make_item_vectors(const VectorPlan& plan, const Snapshot& snapshot,
                                                     const Snapshot* base, const std::shared_ptr<MemoryUse>& use);

}  // namespace recfast
