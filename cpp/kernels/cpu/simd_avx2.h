// Included inside the AVX2 region of isa_avx2.cpp: 8 floats in one register. See simd_baseline.h for what each one
// means.

struct V {
  static constexpr int kLanes = 8;
  static constexpr int kTileRows = 6;  // a row of a tile takes 2 of 16 registers
  static constexpr int kTilePanels = 1;

  __m256 v;

  static V zero() { return {_mm256_setzero_ps()}; }
  static V set1(float x) { return {_mm256_set1_ps(x)}; }
  static V load(const void* p) { return {_mm256_loadu_ps(static_cast<const float*>(p))}; }
  static V load_partial(const void* p, int64_t n) {
    return {_mm256_maskload_ps(static_cast<const float*>(p), first(n))};
  }
  static V load_f16(const uint8_t* p) {
    return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
  }
  static V load_f16_partial(const uint8_t* p, int64_t n) {
    const uint64_t low = n >= 4 ? load_u64(p) : load_up_to_8(p, 2 * n);
    const uint64_t high = n > 4 ? load_up_to_8(p + 8, 2 * n - 8) : 0;
    return {_mm256_cvtph_ps(_mm_set_epi64x(static_cast<int64_t>(high), static_cast<int64_t>(low)))};
  }
  static V load_u8(const uint8_t* p) { return from_u8(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))); }
  static V load_u8_partial(const uint8_t* p, int64_t n) {
    return from_u8(_mm_cvtsi64_si128(static_cast<int64_t>(load_up_to_8(p, n))));
  }
  static V load_u4(const uint8_t* p) { return from_u4(load_u32(p)); }
  static V load_u4_partial(const uint8_t* p, int64_t n) {
    return from_u4(load_up_to_8(p, (n + 1) / 2) & ((uint64_t{1} << (4 * n)) - 1));
  }
  static V set1_f16(const uint8_t* p) { return {_mm256_cvtph_ps(_mm_set1_epi16(static_cast<int16_t>(load_u16(p))))}; }

  void store(float* p) const { _mm256_storeu_ps(p, v); }
  void store_partial(float* p, int64_t n) const {  // not vmaskmov: as a store it is microcoded on Zen
    __m128 part = _mm256_castps256_ps128(v);
    if (n & 4) {
      _mm_storeu_ps(p, part);
      part = _mm256_extractf128_ps(v, 1);
      p += 4;
    }
    if (n & 2) {
      _mm_storel_pi(reinterpret_cast<__m64*>(p), part);
      part = _mm_movehl_ps(part, part);
      p += 2;
    }
    if (n & 1) _mm_store_ss(p, part);
  }

  float sum() const {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
  }
  static uint32_t at_least(V a, V b) {
    return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(a.v, b.v, _CMP_GE_OQ)));
  }

 private:
  static V from_u8(__m128i bytes) { return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes))}; }
  static V from_u4(uint64_t codes) {
    const __m256i shifts = _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28);
    const __m256i lanes = _mm256_srlv_epi32(_mm256_set1_epi32(static_cast<int32_t>(codes)), shifts);
    return {_mm256_cvtepi32_ps(_mm256_and_si256(lanes, _mm256_set1_epi32(15)))};
  }
  static __m256i first(int64_t n) {  // all ones in the first n lanes
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int32_t>(n)), lanes);
  }
};

inline V operator+(V a, V b) {
  return {_mm256_add_ps(a.v, b.v)};
}
inline V operator-(V a, V b) {
  return {_mm256_sub_ps(a.v, b.v)};
}
inline V operator*(V a, V b) {
  return {_mm256_mul_ps(a.v, b.v)};
}
inline V operator/(V a, V b) {
  return {_mm256_div_ps(a.v, b.v)};
}
inline V fma(V a, V b, V c) {
  return {_mm256_fmadd_ps(a.v, b.v, c.v)};
}
inline V max(V a, V b) {
  return {_mm256_max_ps(a.v, b.v)};
}

// Bit i = (low <= x[i] && x[i] <= high), of 8.
inline uint32_t in_range_8(const int64_t* x, int64_t low, int64_t high) {
  const __m256i below = _mm256_set1_epi64x(low);
  const __m256i above = _mm256_set1_epi64x(high);
  const auto outside = [&](const int64_t* four) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(four));
    const __m256i out = _mm256_or_si256(_mm256_cmpgt_epi64(below, v), _mm256_cmpgt_epi64(v, above));
    return static_cast<uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(out)));
  };
  return 0xff ^ (outside(x) | outside(x + 4) << 4);
}
inline uint32_t in_range_8(const double* x, double low, double high) {
  const __m256d from = _mm256_set1_pd(low);
  const __m256d to = _mm256_set1_pd(high);
  const auto inside = [&](const double* four) {
    const __m256d v = _mm256_loadu_pd(four);
    const __m256d in = _mm256_and_pd(_mm256_cmp_pd(v, from, _CMP_GE_OQ), _mm256_cmp_pd(v, to, _CMP_LE_OQ));
    return static_cast<uint32_t>(_mm256_movemask_pd(in));
  };
  return inside(x) | inside(x + 4) << 4;
}
// Bit i = (x[i] == wanted), of 8.
inline uint32_t equal_8(const uint32_t* x, uint32_t wanted) {
  const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x));
  const __m256i same = _mm256_cmpeq_epi32(v, _mm256_set1_epi32(static_cast<int32_t>(wanted)));
  return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(same)));
}

struct Sums {
  __m256i v;

  static Sums zero() { return {_mm256_setzero_si256()}; }
  V floats() const { return {_mm256_cvtepi32_ps(v)}; }
};

struct Pairs {
  __m256i v;

  static Pairs load_i8(const int8_t* p) {
    return {_mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
  }
  static Pairs set1(const int16_t* p) {
    return {_mm256_set1_epi32(static_cast<int32_t>(load_u32(reinterpret_cast<const uint8_t*>(p))))};
  }
};

inline Sums add_products(Pairs a, Pairs b, Sums c) {
  return {_mm256_add_epi32(c.v, _mm256_madd_epi16(a.v, b.v))};
}
