#pragma once
// Bounds: how far an approximate score can be from the exact one. A search drops a row only if its upper bound is below
// the k-th lower bound, so everything that is rounded anywhere is in here.
//
// Let u = 2^-24 (half an ulp of f32 at 1), x a row, b its bias, q the query, and S = q.x + b the score (for cosines:
// with x and q divided by their lengths; the norms that follow are then those of the divided vectors).
//
// The query is first scaled, exactly or in float64: v = q * 2^-exponent, largest element in [1, 2) (cosine: v = q /
// |q|, exponent 0). So no product overflows, and nothing that matters is denormal. Bounds are of S' = S * 2^-exponent.
//
// i8   x ~ s c, c integers in [-127, 127], |x - s c| <= e          s: `scale`, e: `slack`, per row; M = 127 sqrt(dim)
//      v ~ t g, g integers, |v - t g| <= f                        bounds |c|
//      v.x = (t g).(s c) + v.(x - s c) + (v - t g).(s c), so by Cauchy-Schwarz
//      |v.x - s t (g.c)| <= |v| e + f s M                         g.c is exact in int32
//      upper = s (t float(g.c) + A) + e Q + (b 2^-exponent + C),  A >= f M, Q >= |v|
// f16  x ~ s h, h binary16 with |h| <= 2, |x - s h| <= e           M = 2 sqrt(dim) bounds |h|
//      v ~ g, g = float(v), t = 1; g.h is summed in f32: off by at most (dim + 8) u |g| |h|, which is in A
// f32  the row itself: s = 1 (cosine: 1 / |x|), e = |x| (cosine: 1), nothing is left out
//      v ~ g = float(v), |v - g| <= f; g.x summed in f32: off by at most (dim + 8) u |g| |x|, so Q is small
//
// Rounding of `upper` itself: at most 7 roundings, of which each partial result sees at most 6 (kernel upper_bounds,
// with or without fma, and float(g.c)). |g.c| t s <= (|v| + f) s M, so 16 u (|v| + f) M in A, a factor 1 + 16 u in Q
// and 16 u |b| 2^-exponent in C cover them more than twice; the same holds for the lower bound, which is upper - 2 (s A
// + e Q + C), rounded down. Rounding of S: a float64 sum of dim exact products (and, for cosines, lengths and a
// division) is off by at most (2 dim + 16) 2^-53 (|v| |x| + |b'|), which is in A, Q and C too. Underflow, and modes
// that flush denormals: C has 2^-120, and A (dim + 16) 2^-125 where f32 sums are. A row whose length is outside of
// [2^-80, 2^80] has slack = infinity: it is always scored exactly.
//
// Score S becomes float(S), and rows with the same float(S) tie. float() is monotone and the bounds are f32: S <= U < L
// <= S_j gives float(S) <= U < L <= float(S_j), strictly, as long as U and L, scaled back, are f32; see Scaling::bar.

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "kernels/kernels.h"
#include "retrieval/vector_block.h"

namespace recfast {

// Row lengths between which codes bound a score; others are always scored exactly.
inline constexpr double kShortest = 0x1p-80;
inline constexpr double kLongest = 0x1p80;

// Twice: a pair of codes is one int32 to the kernel.
constexpr int64_t padded_dim(const VectorSpace& space) noexcept {
  return space.format == VectorFormat::kI8 ? (space.dim + 1) / 2 * 2 : space.dim;
}

// Scores are bounded in units of 2^exponent.
struct Scaling {
  int exponent = 0;

  // The largest bound that is sure to be below, where the k-th best score is at least `score` (in units of 1): a row
  // may be dropped only if its upper bound is below this.
  float bar_of_score(float score) const noexcept;
  // The same for a score in units of 2^exponent.
  float bar(float lower) const noexcept;
};

// What the scan of one query needs.
struct ScanQuery {
  Bound bound;
  Scaling scaling;

  // The bound for a block whose largest |bias| is max_bias.
  Bound in_block(float max_bias) const noexcept;
};

// query: f32 [dim], finite. length: its length in float64. max_bias: of all blocks that are searched. codes: int16
// (format i8) or float [padded_dim], written whole.
ScanQuery prepare_query(const VectorSpace& space, const float* query, double length, float max_bias, void* codes);

// An upper bound where f32 sums may have exceeded f32: infinity in place of NaN.
inline float at_most(float upper) noexcept {
  return std::isnan(upper) ? std::numeric_limits<float>::infinity() : upper;
}
// A lower bound of the score of the row at `row`, in units of 2^exponent, whose upper bound is `upper`.
float lower_bound(const VectorBlock& block, int64_t row, const Bound& bound, float upper) noexcept;

// The smallest float that is not below x >= 0.
float rounded_up(double x) noexcept;

}  // namespace recfast
