// Included inside an ISA's region, after V, where 16 floats need two V: one row of a panel of linear's packed weights,
// 16 columns of an embedding row. Names are V's; "partial" means the first n of 16 here, 1 <= n <= 15.

struct W {
  static constexpr int kLanes = 16;

  V lo, hi;

  static W zero() { return {V::zero(), V::zero()}; }
  static W set1(float x) { return {V::set1(x), V::set1(x)}; }
  static W load(const void* p) { return {V::load(p), V::load(static_cast<const uint8_t*>(p) + 32)}; }
  static W load_partial(const float* p, int64_t n) {
    if (n < 8) return {V::load_partial(p, n), V::zero()};
    return {V::load(p), n > 8 ? V::load_partial(p + 8, n - 8) : V::zero()};
  }

  static W load_f16(const uint8_t* p) { return {V::load_f16(p), V::load_f16(p + 16)}; }
  static W load_u8(const uint8_t* p) { return {V::load_u8(p), V::load_u8(p + 8)}; }
  static W load_u4(const uint8_t* p) { return {V::load_u4(p), V::load_u4(p + 4)}; }
  static W set1_f16(const uint8_t* p) {
    const V half = V::set1_f16(p);
    return {half, half};
  }

  void store(float* p) const {
    lo.store(p);
    hi.store(p + 8);
  }
};

inline W operator+(W a, W b) {
  return {a.lo + b.lo, a.hi + b.hi};
}
inline W operator*(W a, W b) {
  return {a.lo * b.lo, a.hi * b.hi};
}
inline W operator/(W a, W b) {
  return {a.lo / b.lo, a.hi / b.hi};
}
inline W fma(W a, W b, W c) {
  return {fma(a.lo, b.lo, c.lo), fma(a.hi, b.hi, c.hi)};
}
inline W max(W a, W b) {
  return {max(a.lo, b.lo), max(a.hi, b.hi)};
}
