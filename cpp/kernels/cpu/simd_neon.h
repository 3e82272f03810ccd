// Included inside isa_neon.cpp: 8 floats in two registers. See simd_baseline.h for what each one means.

struct V {
  static constexpr int kLanes = 8;
  static constexpr int kTileRows = 5;  // a row of a tile takes 4 of 32 registers; 6 rows spill (GCC 12)
  static constexpr int kTilePanels = 1;

  float32x4_t lo, hi;

  static V zero() { return set1(0.0f); }
  static V set1(float x) { return {vdupq_n_f32(x), vdupq_n_f32(x)}; }
  static V load(const void* p) {
    const auto* x = static_cast<const uint8_t*>(p);
    return {vreinterpretq_f32_u8(vld1q_u8(x)), vreinterpretq_f32_u8(vld1q_u8(x + 16))};
  }
  static V load_partial(const void* p, int64_t n) {
    const auto* x = static_cast<const uint8_t*>(p);
    return n >= 4 ? V{vreinterpretq_f32_u8(vld1q_u8(x)), first(x + 16, n - 4)} : V{first(x, n), vdupq_n_f32(0.0f)};
  }
  static V load_f16(const uint8_t* p) { return from_f16(vld1q_u8(p)); }
  static V load_f16_partial(const uint8_t* p, int64_t n) {
    const uint64_t low = n >= 4 ? load_u64(p) : load_up_to_8(p, 2 * n);
    const uint64_t high = n > 4 ? load_up_to_8(p + 8, 2 * n - 8) : 0;
    return from_f16(vcombine_u8(vcreate_u8(low), vcreate_u8(high)));
  }
  static V load_u8(const uint8_t* p) { return from_u8(vld1_u8(p)); }
  static V load_u8_partial(const uint8_t* p, int64_t n) { return from_u8(vcreate_u8(load_up_to_8(p, n))); }
  static V load_u4(const uint8_t* p) { return from_u4(load_u32(p)); }
  static V load_u4_partial(const uint8_t* p, int64_t n) {
    return from_u4(load_up_to_8(p, (n + 1) / 2) & ((uint64_t{1} << (4 * n)) - 1));
  }
  static V set1_f16(const uint8_t* p) {
    const float32x4_t four = vcvt_f32_f16(vreinterpret_f16_u16(vdup_n_u16(static_cast<uint16_t>(load_u16(p)))));
    return {four, four};
  }

  void store(float* p) const {
    vst1q_f32(p, lo);
    vst1q_f32(p + 4, hi);
  }
  void store_partial(float* p, int64_t n) const {
    float32x4_t part = lo;
    if (n & 4) {
      vst1q_f32(p, part);
      part = hi;
      p += 4;
    }
    float32x2_t two = vget_low_f32(part);
    if (n & 2) {
      vst1_f32(p, two);
      two = vget_high_f32(part);
      p += 2;
    }
    if (n & 1) vst1_lane_f32(p, two, 0);
  }

  float sum() const {
    const float32x4_t four = vaddq_f32(lo, hi);
    return vpadds_f32(vadd_f32(vget_low_f32(four), vget_high_f32(four)));
  }
  static uint32_t at_least(V a, V b) {
    const uint32x4_t low_bits = {1, 2, 4, 8};
    const uint32x4_t high_bits = {16, 32, 64, 128};
    return vaddvq_u32(
        vorrq_u32(vandq_u32(vcgeq_f32(a.lo, b.lo), low_bits), vandq_u32(vcgeq_f32(a.hi, b.hi), high_bits)));
  }

 private:
  static float32x4_t first(const uint8_t* x, int64_t n) {  // the first n of 4 floats, 0 <= n <= 3
    const uint64_t low = n >= 2 ? load_u64(x) : n == 1 ? load_u32(x) : 0;
    const uint64_t high = n == 3 ? load_u32(x + 8) : 0;
    return vcombine_f32(vcreate_f32(low), vcreate_f32(high));
  }
  static V from_f16(uint8x16_t bytes) {
    const float16x8_t halves = vreinterpretq_f16_u8(bytes);
    return {vcvt_f32_f16(vget_low_f16(halves)), vcvt_high_f32_f16(halves)};
  }
  static V from_u8(uint8x8_t bytes) {
    const uint16x8_t words = vmovl_u8(bytes);
    return {vcvtq_f32_u32(vmovl_u16(vget_low_u16(words))), vcvtq_f32_u32(vmovl_high_u16(words))};
  }
  static V from_u4(uint64_t codes) {
    const uint8x8_t pairs = vcreate_u8(codes);
    return from_u8(vzip1_u8(vand_u8(pairs, vdup_n_u8(15)), vshr_n_u8(pairs, 4)));
  }
};

inline V operator+(V a, V b) {
  return {vaddq_f32(a.lo, b.lo), vaddq_f32(a.hi, b.hi)};
}
inline V operator-(V a, V b) {
  return {vsubq_f32(a.lo, b.lo), vsubq_f32(a.hi, b.hi)};
}
inline V operator*(V a, V b) {
  return {vmulq_f32(a.lo, b.lo), vmulq_f32(a.hi, b.hi)};
}
inline V operator/(V a, V b) {
  return {vdivq_f32(a.lo, b.lo), vdivq_f32(a.hi, b.hi)};
}
inline V fma(V a, V b, V c) {
  return {vfmaq_f32(c.lo, a.lo, b.lo), vfmaq_f32(c.hi, a.hi, b.hi)};
}
inline V max(V a, V b) {  // not vmaxq_f32: it returns NaN where either is one
  return {vbslq_f32(vcgtq_f32(a.lo, b.lo), a.lo, b.lo), vbslq_f32(vcgtq_f32(a.hi, b.hi), a.hi, b.hi)};
}

struct Sums {
  int32x4_t lo, hi;

  static Sums zero() { return {vdupq_n_s32(0), vdupq_n_s32(0)}; }
  V floats() const { return {vcvtq_f32_s32(lo), vcvtq_f32_s32(hi)}; }
};

struct Pairs {
  int16x8_t lo, hi;

  static Pairs load_i8(const int8_t* p) {
    const int8x16_t bytes = vld1q_s8(p);
    return {vmovl_s8(vget_low_s8(bytes)), vmovl_high_s8(bytes)};
  }
  static Pairs set1(const int16_t* p) {
    const int16x8_t pairs = vreinterpretq_s16_u32(vdupq_n_u32(load_u32(reinterpret_cast<const uint8_t*>(p))));
    return {pairs, pairs};
  }
};

inline int32x4_t pair_products(int16x8_t a, int16x8_t b) {
  return vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b));
}
inline Sums add_products(Pairs a, Pairs b, Sums c) {
  return {vaddq_s32(c.lo, pair_products(a.lo, b.lo)), vaddq_s32(c.hi, pair_products(a.hi, b.hi))};
}
