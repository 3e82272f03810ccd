#include "retrieval/exact_scores.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace recfast {
namespace {

constexpr size_t kTogether = 4;  // rows: the additions of one wait for each other
constexpr size_t kAhead = 16;    // rows asked for from memory

// With the squares of the rows, or without.
template <bool kSquares>
void sums_of(const float* const* rows, const float* query, int64_t dim, double* dots, double* squares) noexcept {
  double dot[kTogether] = {};
  double square[kTogether] = {};
  for (int64_t d = 0; d < dim; ++d) {
    const double q = query[d];
    for (size_t r = 0; r < kTogether; ++r) {
      const double x = rows[r][d];
      dot[r] += q * x;
      if (kSquares) square[r] += x * x;
    }
  }
  std::copy_n(dot, kTogether, dots);
  if (kSquares) std::copy_n(square, kTogether, squares);
}

const VectorBlock& block_of(std::span<const std::shared_ptr<const VectorBlock>> blocks, uint32_t row) noexcept {
  return *blocks[row / kBlockRows];
}

const float* vector_of(const VectorBlock& block, uint32_t row) noexcept {
  return block.rows + static_cast<int64_t>(row % kBlockRows) * block.stride;
}

}  // namespace

double exact_length(const float* x, int64_t dim) noexcept {
  double sum = 0;
  for (int64_t d = 0; d < dim; ++d) sum += static_cast<double>(x[d]) * static_cast<double>(x[d]);
  return std::sqrt(sum);
}

void exact_scores(const VectorSpace& space, std::span<const std::shared_ptr<const VectorBlock>> blocks,
                  const float* query, double length, std::span<const uint32_t> rows, float* scores) noexcept {
  const bool cosine = space.metric == Metric::kCosine;
  const auto row_bytes = space.dim * static_cast<int64_t>(sizeof(float));
  const auto ask_for = [&](size_t i) {
    if (i >= rows.size()) return;
    const auto* x = reinterpret_cast<const char*>(vector_of(block_of(blocks, rows[i]), rows[i]));
    for (int64_t at = 0; at < std::min<int64_t>(row_bytes, 512); at += 64) __builtin_prefetch(x + at);
  };
  for (size_t i = 0; i < kAhead; ++i) ask_for(i);
  for (size_t first = 0; first < rows.size(); first += kTogether) {
    const size_t count = std::min(kTogether, rows.size() - first);
    std::array<const float*, kTogether> x;
    for (size_t r = 0; r < kTogether; ++r) {
      ask_for(first + kAhead + r);
      const uint32_t row = rows[first + std::min(r, count - 1)];
      x[r] = vector_of(block_of(blocks, row), row);
    }
    std::array<double, kTogether> dots;
    std::array<double, kTogether> squares;
    if (cosine) {
      sums_of<true>(x.data(), query, space.dim, dots.data(), squares.data());
    } else {
      sums_of<false>(x.data(), query, space.dim, dots.data(), nullptr);
    }
    for (size_t r = 0; r < count; ++r) {
      const uint32_t row = rows[first + r];
      const VectorBlock& block = block_of(blocks, row);
      double score = dots[r];
      if (cosine) {
        const double lengths = length * std::sqrt(squares[r]);
        score = lengths > 0 ? score / lengths : 0.0;
      }
      if (block.bias != nullptr) score += static_cast<double>(block.bias[row % kBlockRows]);
      scores[first + r] = static_cast<float>(score);
    }
  }
}

}  // namespace recfast
