// upper_bounds: which rows of a block can still reach the best, by the upper bounds of their scores.
//
//   reached[0 .. kBlockWords] = 0
//   for g in groups, r < 8, i = 8 g + r:
//     upper[i] = scale[i] * (step * dots[i] + spread) + slack[i] * reach + (bias[i] * unit + constant)
//     bit i of reached = not upper[i] < bar, so that NaN reaches it
//   return whether a bit is set
//
// dots, scale, slack, bias: f32 [kBlockRows] (whole groups); scale null: 1 everywhere; bias null: 0. groups: as
// scan_i8. bound: what the query gives. upper: f32 [kBlockRows], may be dots. reached: uint64 [kBlockWords].
// Error: at most 7 roundings, each by half an ulp of a partial result; bounds.h allows for more.

template <bool kScaled, bool kBiased>
inline bool upper_bounds_of(const float* dots, const uint8_t* groups, int64_t count, const float* scale,
                            const float* slack, const float* bias, const Bound& bound, float bar, float* upper,
                            uint64_t* reached) {
  const V step = V::set1(bound.step);
  const V spread = V::set1(bound.spread);
  const V reach = V::set1(bound.reach);
  const V unit = V::set1(bound.unit);
  const V constant = V::set1(bound.constant);
  const V least = V::set1(bar);
  const V lowest = V::set1(-__builtin_inff());
  for (int64_t w = 0; w < kBlockWords; ++w) reached[w] = 0;
  uint32_t any = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t row = groups[i] * kGroupRows;
    V base = constant;
    if (kBiased) base = fma(V::load(bias + row), unit, constant);
    base = fma(V::load(slack + row), reach, base);
    const V inner = fma(V::load(dots + row), step, spread);
    const V value = kScaled ? fma(V::load(scale + row), inner, base) : inner + base;
    value.store(upper + row);
    const uint32_t mask = V::at_least(value, least) | (V::at_least(value, lowest) ^ 0xff);
    any |= mask;
    reached[row / 64] |= static_cast<uint64_t>(mask) << (row % 64);
  }
  return any != 0;
}

bool upper_bounds(const float* dots, const uint8_t* groups, int64_t count, const float* scale, const float* slack,
                  const float* bias, const Bound& bound, float bar, float* upper, uint64_t* reached) noexcept {
  if (scale != nullptr)
    return bias != nullptr
               ? upper_bounds_of<true, true>(dots, groups, count, scale, slack, bias, bound, bar, upper, reached)
               : upper_bounds_of<true, false>(dots, groups, count, scale, slack, bias, bound, bar, upper, reached);
  return bias != nullptr
             ? upper_bounds_of<false, true>(dots, groups, count, scale, slack, bias, bound, bar, upper, reached)
             : upper_bounds_of<false, false>(dots, groups, count, scale, slack, bias, bound, bar, upper, reached);
}
