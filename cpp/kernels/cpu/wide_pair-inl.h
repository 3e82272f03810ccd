// Included inside an ISA's region, after V, where 16 floats need two V: one row of a panel of linear's packed weights.
// "partial" means the first n of 16 here, 1 <= n <= 15.

struct W {
  V lo, hi;

  static W zero() { return {V::zero(), V::zero()}; }
  static W set1(float x) { return {V::set1(x), V::set1(x)}; }
  static W load(const float* p) { return {V::load(p), V::load(p + 8)}; }
  static W load_partial(const float* p, int64_t n) {
    if (n < 8) return {V::load_partial(p, n), V::zero()};
    return {V::load(p), n > 8 ? V::load_partial(p + 8, n - 8) : V::zero()};
  }

  void store(float* p) const {
    lo.store(p);
    hi.store(p + 8);
  }
};

inline W fma(W a, W b, W c) {
  return {fma(a.lo, b.lo, c.lo), fma(a.hi, b.hi, c.hi)};
}
inline W max(W a, W b) {
  return {max(a.lo, b.lo), max(a.hi, b.hi)};
}
