#pragma once
// Retrieve: the few items of all that a request has to rank, found by the vectors of their item side.

#include "ranking/work.h"

namespace recfast {

// Whether the score is nothing but a product of vectors and numbers of either side: then answers are exact, and cost
// at most what ranking every row costs, which is little more than the product.
inline bool is_whole_product(const Snapshot& snapshot) noexcept {
  return snapshot.vector_plan != nullptr && snapshot.vector_plan->whole;
}

// Both take the work as begin_request left it, with the eligible rows, and give the rows to rank, ascending. rescored:
// receives how many rows were scored exactly in between.

// Rows among which the best k eligible ones are: the same, with the same scores, as if every row were ranked. False
// when that takes (nearly) all rows, or when the model's score is more than a product: then rank all of them.
bool retrieve_exactly(const cpu::Executor& executor, const Snapshot& snapshot, int64_t k, int64_t threads, Work& work,
                      int64_t& rescored);

// The `count` eligible rows with the best product of vectors and numbers of the item; all when there are no more.
// Throws ValueError when the snapshot has no vectors.
void retrieve_some(const Snapshot& snapshot, int64_t count, int64_t threads, Work& work, int64_t& rescored);

}  // namespace recfast
