// Included inside the region of isa_baseline.cpp: 8 floats as two vectors of 4 (GCC and clang vector extensions, so
// that it also compiles for ARM). This struct is the portable implementation and the documentation of V: another ISA
// defines the same names with the same meaning. "partial" means the first n of 8, 1 <= n <= 7: other elements of the
// memory are neither read nor written, other lanes are zero.

typedef float F4 __attribute__((vector_size(16)));
typedef int32_t I4 __attribute__((vector_size(16)));
typedef uint32_t U4 __attribute__((vector_size(16)));

// Four binary16 in the low halves of h. Only normal numbers on the way, so that a flush-to-zero mode changes nothing.
inline F4 f16_to_f32(U4 h) {
  const U4 shifted = (h & 0x7fffu) << 13;
  const U4 exponent = shifted & 0x0f800000u;
  const U4 normal = shifted + (112u << 23);
  const U4 special = (shifted + (224u << 23)) | ((U4)((shifted & 0x007fe000u) != 0) & 0x00400000u);
  const U4 small_bits = shifted + (113u << 23);
  const U4 magic = {113u << 23, 113u << 23, 113u << 23, 113u << 23};
  const U4 small = (U4)((F4)small_bits - (F4)magic);
  const U4 is_special = (U4)(exponent == 0x0f800000u);
  const U4 is_small = (U4)(exponent == 0u);
  const U4 magnitude = (special & is_special) | (small & is_small) | (normal & ~(is_special | is_small));
  return (F4)(magnitude | ((h & 0x8000u) << 16));
}

struct V {
  static constexpr int kLanes = 8;
  // linear's tile, which stays in registers: a row takes 4 of 16 of SSE2.
  static constexpr int kTileRows = 2;
  static constexpr int kTilePanels = 1;

  F4 lo, hi;

  static V zero() { return {F4{}, F4{}}; }
  static V set1(float x) { return {F4{x, x, x, x}, F4{x, x, x, x}}; }
  static V load(const void* p) {  // any alignment, as every load and store
    V r;
    __builtin_memcpy(&r, p, sizeof r);
    return r;
  }
  static V load_partial(const void* p, int64_t n) {
    const auto* x = static_cast<const uint8_t*>(p);
    uint32_t lanes[8] = {};
    for (int64_t i = 0; i < n; ++i) lanes[i] = load_u32(x + 4 * i);
    return load(lanes);
  }
  static V load_f16(const uint8_t* p) {  // 8 binary16 -> f32, exact
    return from_f16(load_u64(p), load_u64(p + 8));
  }
  static V load_f16_partial(const uint8_t* p, int64_t n) {
    return from_f16(n >= 4 ? load_u64(p) : load_up_to_8(p, 2 * n), n > 4 ? load_up_to_8(p + 8, 2 * n - 8) : 0);
  }
  static V load_u8(const uint8_t* p) { return from_u8(load_u64(p)); }  // 8 bytes -> f32
  static V load_u8_partial(const uint8_t* p, int64_t n) { return from_u8(load_up_to_8(p, n)); }
  static V load_u4(const uint8_t* p) {  // 4 bytes, two codes each, the low half first -> f32
    return from_u8(spread_u4(load_u32(p)));
  }
  static V load_u4_partial(const uint8_t* p, int64_t n) {  // reads (n + 1) / 2 bytes
    return from_u8(spread_u4(load_up_to_8(p, (n + 1) / 2)) & ((uint64_t{1} << (8 * n)) - 1));
  }
  static V set1_f16(const uint8_t* p) {  // one binary16 in all lanes
    const uint32_t h = load_u16(p);
    const F4 four = f16_to_f32(U4{h, h, h, h});
    return {four, four};
  }

  void store(float* p) const { __builtin_memcpy(p, this, sizeof *this); }
  void store_partial(float* p, int64_t n) const {
    float lanes[8];
    store(lanes);
    for (int64_t i = 0; i < n; ++i) p[i] = lanes[i];
  }

  float sum() const {  // of the lanes: always ((0+4) + (2+6)) + ((1+5) + (3+7))
    const F4 four = lo + hi;
    return (four[0] + four[2]) + (four[1] + four[3]);
  }
  static uint32_t at_least(V a, V b) {  // bit i = (a[i] >= b[i]), 0 where one is NaN
    return mask4(a.lo >= b.lo) | mask4(a.hi >= b.hi) << 4;
  }

 private:
  static uint64_t spread_u4(uint64_t x) {  // byte i = the 4 bits from bit 4 i of x on
    x = (x | x << 16) & 0x0000ffff0000ffffu;
    x = (x | x << 8) & 0x00ff00ff00ff00ffu;
    return (x | x << 4) & 0x0f0f0f0f0f0f0f0fu;
  }
  static V from_f16(uint64_t low, uint64_t high) { return {f16_to_f32(widen16(low)), f16_to_f32(widen16(high))}; }
#if defined(__SSE2__)  // GCC makes scalar code of these when they are spelled portably
  static uint32_t mask4(I4 lanes) { return static_cast<uint32_t>(_mm_movemask_ps((__m128)lanes)); }
  static U4 widen16(uint64_t four) {
    return (U4)_mm_unpacklo_epi16(_mm_cvtsi64_si128(static_cast<int64_t>(four)), _mm_setzero_si128());
  }
  static V from_u8(uint64_t bytes) {
    const __m128i zero = _mm_setzero_si128();
    const __m128i words = _mm_unpacklo_epi8(_mm_cvtsi64_si128(static_cast<int64_t>(bytes)), zero);
    return {_mm_cvtepi32_ps(_mm_unpacklo_epi16(words, zero)), _mm_cvtepi32_ps(_mm_unpackhi_epi16(words, zero))};
  }
#else
  static uint32_t mask4(I4 lanes) { return (lanes[0] & 1) | (lanes[1] & 2) | (lanes[2] & 4) | (lanes[3] & 8); }
  static U4 widen16(uint64_t four) {
    return U4{uint32_t(four & 0xffff), uint32_t(four >> 16 & 0xffff), uint32_t(four >> 32 & 0xffff),
              uint32_t(four >> 48)};
  }
  static V from_u8(uint64_t bytes) {
    float lanes[8];
    for (int i = 0; i < 8; ++i) lanes[i] = static_cast<float>(bytes >> (8 * i) & 0xff);
    return load(lanes);
  }
#endif
};

inline V operator+(V a, V b) {
  return {a.lo + b.lo, a.hi + b.hi};
}
inline V operator-(V a, V b) {
  return {a.lo - b.lo, a.hi - b.hi};
}
inline V operator*(V a, V b) {
  return {a.lo * b.lo, a.hi * b.hi};
}
inline V operator/(V a, V b) {
  return {a.lo / b.lo, a.hi / b.hi};
}
inline V fma(V a, V b, V c) {
  return a * b + c;
}  // a * b + c, rounded once where the ISA can, twice here
inline F4 max4(F4 a, F4 b) {
#if defined(__SSE2__)
  return _mm_max_ps(a, b);
#else
  return a > b ? a : b;
#endif
}
inline V max(V a, V b) {
  return {max4(a.lo, b.lo), max4(a.hi, b.hi)};
}  // a > b ? a : b, so b where one is NaN

struct Sums {  // 8 int32
  I4 lo, hi;

  static Sums zero() { return {I4{}, I4{}}; }
  V floats() const { return {__builtin_convertvector(lo, F4), __builtin_convertvector(hi, F4)}; }  // each rounded once
};

typedef int16_t I8 __attribute__((vector_size(16)));

struct Pairs {  // 8 pairs of int16
  I8 lo, hi;

  static Pairs load_i8(const int8_t* p) {  // 8 pairs of int8
    int8_t bytes[16];
    __builtin_memcpy(bytes, p, sizeof bytes);
#if defined(__SSE2__)
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
    return {(I8)_mm_srai_epi16(_mm_unpacklo_epi8(x, x), 8), (I8)_mm_srai_epi16(_mm_unpackhi_epi8(x, x), 8)};
#else
    Pairs out;
    for (int i = 0; i < 8; ++i) {
      out.lo[i] = bytes[i];
      out.hi[i] = bytes[8 + i];
    }
    return out;
#endif
  }
  static Pairs set1(const int16_t* p) {  // one pair everywhere
    const I8 pairs = {p[0], p[1], p[0], p[1], p[0], p[1], p[0], p[1]};
    return {pairs, pairs};
  }
};

inline I4 pair_products(I8 a, I8 b) {
#if defined(__SSE2__)
  return (I4)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  I4 sums;
  for (int i = 0; i < 4; ++i) sums[i] = int32_t{a[2 * i]} * b[2 * i] + int32_t{a[2 * i + 1]} * b[2 * i + 1];
  return sums;
#endif
}
// Per pair c + a0 * b0 + a1 * b1, exact unless it leaves int32. No pair of products may be two times 2^30.
inline Sums add_products(Pairs a, Pairs b, Sums c) {
  return {c.lo + pair_products(a.lo, b.lo), c.hi + pair_products(a.hi, b.hi)};
}
