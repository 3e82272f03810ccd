#include "retrieval/bounds.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace recfast {
namespace {

constexpr double kUlp = 0x1p-24;  // u in bounds.h
constexpr double kRounding = 16 * kUlp;
constexpr double kMore = 1 + 0x1p-20;  // for what is computed in float64, and rounded to f32 here
constexpr double kNothing = 0x1p-120;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

float rounded_down(double x) noexcept {
  const float nearest = static_cast<float>(x);
  return static_cast<double>(nearest) <= x ? nearest : std::nextafter(nearest, -kInfinity);
}

double length_of(const double* x, int64_t dim) noexcept {
  double sum = 0;
  for (int64_t d = 0; d < dim; ++d) sum += x[d] * x[d];
  return std::sqrt(sum);
}

}  // namespace

float rounded_up(double x) noexcept {
  return -rounded_down(-x);
}

float Scaling::bar(float lower) const noexcept {
  return bar_of_score(static_cast<float>(std::ldexp(static_cast<double>(lower), exponent)));
}

float Scaling::bar_of_score(float score) const noexcept {
  // Between these, a smaller float of the other unit is one of this unit too. Elsewhere what is just below `score` may
  // round to it.
  const float magnitude = std::fabs(score);
  if (!(magnitude >= 0x1p-120f && magnitude <= 0x1p120f)) score = std::nextafter(score, -kInfinity);
  const float scaled = rounded_down(std::ldexp(static_cast<double>(score), -exponent));
  return std::fabs(scaled) < 0x1p-120f ? -0x1p-120f : scaled;
}

Bound ScanQuery::in_block(float max_bias) const noexcept {
  Bound out = bound;
  out.constant = rounded_up(
      (static_cast<double>(bound.constant) + kRounding * static_cast<double>(max_bias) * bound.unit) * kMore);
  return out;
}

ScanQuery prepare_query(const VectorSpace& space, const float* query, double length, float max_bias, void* codes) {
  const auto dim = space.dim;
  const bool i8 = space.format == VectorFormat::kI8;
  ScanQuery out;
  std::vector<double> v(static_cast<size_t>(dim));
  double largest = 0;
  for (int64_t d = 0; d < dim; ++d) largest = std::max(largest, std::fabs(static_cast<double>(query[d])));
  if (space.metric == Metric::kCosine) {
    for (int64_t d = 0; d < dim; ++d) v[static_cast<size_t>(d)] = length > 0 ? query[d] / length : 0.0;
  } else {
    int& exponent = out.scaling.exponent;
    if (largest > 0) exponent = std::ilogb(largest);
    if (max_bias > 0) exponent = std::max(exponent, std::ilogb(max_bias) - 100);  // or the bias would overflow
    exponent = std::clamp(exponent, -100, 100);
    const double unit = std::ldexp(1.0, -exponent);
    for (int64_t d = 0; d < dim; ++d) v[static_cast<size_t>(d)] = static_cast<double>(query[d]) * unit;
  }
  largest = 0;
  for (const double element : v) largest = std::max(largest, std::fabs(element));
  double step = 1;
  std::vector<double> error(v.size());
  if (i8) {
    auto* out_codes = static_cast<int16_t*>(codes);
    const int64_t padded = padded_dim(space);
    const double levels = std::min<double>(32767, std::floor(2147483647.0 / (127.0 * static_cast<double>(padded))));
    step = largest > 0 ? static_cast<double>(static_cast<float>(largest / levels)) : 1.0;
    for (int64_t d = 0; d < dim; ++d) {
      const auto at = static_cast<size_t>(d);
      const double code = std::clamp(std::nearbyint(v[at] / step), -levels, levels);
      out_codes[d] = static_cast<int16_t>(code);
      error[at] = v[at] - code * step;
    }
    if (padded > dim) out_codes[dim] = 0;
  } else {
    auto* out_codes = static_cast<float*>(codes);
    for (int64_t d = 0; d < dim; ++d) {
      const auto at = static_cast<size_t>(d);
      out_codes[d] = static_cast<float>(v[at]);
      error[at] = v[at] - static_cast<double>(out_codes[d]);
    }
  }
  const double n = static_cast<double>(dim);
  const double whole = length_of(v.data(), dim) * kMore;
  const double left_out = length_of(error.data(), dim) * kMore;
  const double exact = (2 * n + 16) * 0x1p-53;  // of the float64 sum
  const double flushed = (n + 16) * 0x1p-125;
  const double codes_length = space.format == VectorFormat::kI8 ? 127 * std::sqrt(n) : 2 * std::sqrt(n);
  const double sums = i8 ? 0 : (n + 8) * kUlp * 1.01;
  double spread = 0;
  double reach = 0;
  if (space.format == VectorFormat::kF32) {
    spread = flushed;
    reach = left_out + (sums + kRounding + exact) * (whole + left_out);
  } else {
    spread = codes_length * (left_out + (sums + kRounding + exact) * (whole + left_out)) + (i8 ? 0 : flushed);
    reach = whole * (1 + kRounding + exact);
  }
  out.bound.step = static_cast<float>(step);
  out.bound.spread = rounded_up(spread * kMore);
  out.bound.reach = rounded_up(std::max(reach * kMore, 0x1p-60));  // not 0: times infinity it would be NaN
  out.bound.unit = static_cast<float>(std::ldexp(1.0, -out.scaling.exponent));
  out.bound.constant = rounded_up(kNothing);
  return out;
}

float lower_bound(const VectorBlock& block, int64_t row, const Bound& bound, float upper) noexcept {
  const double scale = block.scale != nullptr ? block.scale[row] : 1.0;
  const double width = scale * static_cast<double>(bound.spread) +
                       static_cast<double>(block.slack[row]) * static_cast<double>(bound.reach) +
                       static_cast<double>(bound.constant);
  const double lower = static_cast<double>(upper) - 2 * kMore * width;
  if (!std::isfinite(lower)) return -kInfinity;
  return static_cast<float>(lower - std::fabs(lower) * 0x1p-23);
}

}  // namespace recfast
