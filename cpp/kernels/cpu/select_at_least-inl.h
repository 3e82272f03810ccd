// select_at_least: where the scores are that can still enter a top-k.
//
//   count = 0;  for i < n:  if scores[i] >= threshold: index[count++] = i;  return count
//
// scores: f32 [n], n <= 2^32. NaN (as score or as threshold) is never selected. index: uint32 with room for n.

int64_t select_at_least(const float* scores, int64_t n, float threshold, uint32_t* index) noexcept {
  const V bar = V::set1(threshold);
  int64_t count = 0;
  const auto take = [&](uint32_t mask, int64_t first) {
    for (; mask != 0; mask &= mask - 1) index[count++] = static_cast<uint32_t>(first) + __builtin_ctz(mask);
  };
  int64_t i = 0;
  for (; i + 32 <= n; i += 32) {
    uint32_t mask = V::at_least(V::load(scores + i), bar) | V::at_least(V::load(scores + i + 8), bar) << 8 |
                    V::at_least(V::load(scores + i + 16), bar) << 16 | V::at_least(V::load(scores + i + 24), bar) << 24;
    take(mask, i);
  }
  for (; i + 8 <= n; i += 8) take(V::at_least(V::load(scores + i), bar), i);
  if (i < n) take(V::at_least(V::load_partial(scores + i, n - i), bar) & ((1u << (n - i)) - 1), i);
  return count;
}
