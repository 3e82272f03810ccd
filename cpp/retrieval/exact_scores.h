#pragma once
// The score itself, which no quantisation, ISA or thread count changes.
//
//   inner product:  float(sum over d ascending of double(q[d]) * double(x[d])  + double(b))
//   cosine:         float(that sum / (|q| |x|)                                 + double(b)),  0 + b where a length is 0
//   |x| = sqrt(sum over d ascending of double(x[d])^2)
//
// Products of two f32 are exact in float64, so that a fused multiply-add gives the same sum; one addition follows the
// other. What exceeds f32 is infinite.

#include <cstdint>
#include <memory>
#include <span>

#include "retrieval/vector_block.h"

namespace recfast {

// x: f32 [dim].
double exact_length(const float* x, int64_t dim) noexcept;

// query: f32 [dim], of that length. rows: uint32 [n], rows of the blocks. scores: f32 [n].
void exact_scores(const VectorSpace& space, std::span<const std::shared_ptr<const VectorBlock>> blocks,
                  const float* query, double length, std::span<const uint32_t> rows, float* scores) noexcept;

}  // namespace recfast
