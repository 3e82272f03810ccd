// Included inside the AVX-512 region of isa_avx512.cpp: 8 floats in one of 32 registers, W in one of 512 bits, masks
// for what is partial. See simd_baseline.h for what each one means.

struct V {
  static constexpr int kLanes = 8;
  // A row of a tile takes 2 of 32 registers, one per panel: 12 broadcasts and 2 loads for 24 products.
  static constexpr int kTileRows = 12;
  static constexpr int kTilePanels = 2;

  __m256 v;

  static V zero() { return {_mm256_setzero_ps()}; }
  static V set1(float x) { return {_mm256_set1_ps(x)}; }
  static V load(const void* p) { return {_mm256_loadu_ps(static_cast<const float*>(p))}; }
  static V load_partial(const void* p, int64_t n) { return {_mm256_maskz_loadu_ps(first(n), p)}; }
  static V load_f16(const uint8_t* p) {
    return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
  }
  static V load_f16_partial(const uint8_t* p, int64_t n) {
    return {_mm256_cvtph_ps(_mm_maskz_loadu_epi16(first(n), p))};
  }
  static V load_u8(const uint8_t* p) { return from_u8(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))); }
  static V load_u8_partial(const uint8_t* p, int64_t n) { return from_u8(_mm_maskz_loadu_epi8(first(n), p)); }
  static V load_u4(const uint8_t* p) { return from_u4(load_u32(p)); }
  static V load_u4_partial(const uint8_t* p, int64_t n) {
    return from_u4(load_up_to_8(p, (n + 1) / 2) & ((uint64_t{1} << (4 * n)) - 1));
  }
  static V set1_f16(const uint8_t* p) { return {_mm256_cvtph_ps(_mm_set1_epi16(static_cast<int16_t>(load_u16(p))))}; }

  void store(float* p) const { _mm256_storeu_ps(p, v); }
  void store_partial(float* p, int64_t n) const { _mm256_mask_storeu_ps(p, first(n), v); }

  float sum() const {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
  }
  static uint32_t at_least(V a, V b) { return _mm256_cmp_ps_mask(a.v, b.v, _CMP_GE_OQ); }

 private:
  static uint8_t first(int64_t n) { return static_cast<uint8_t>((1u << n) - 1); }  // a mask
  static V from_u8(__m128i bytes) { return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes))}; }
  static V from_u4(uint64_t codes) {
    const __m256i shifts = _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28);
    const __m256i lanes = _mm256_srlv_epi32(_mm256_set1_epi32(static_cast<int32_t>(codes)), shifts);
    return {_mm256_cvtepi32_ps(_mm256_and_si256(lanes, _mm256_set1_epi32(15)))};
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

struct W {  // what wide_pair-inl.h makes of two V
  static constexpr int kLanes = 16;

  __m512 v;

  static W zero() { return {_mm512_setzero_ps()}; }
  static W set1(float x) { return {_mm512_set1_ps(x)}; }
  static W load(const void* p) { return {_mm512_loadu_ps(p)}; }
  static W load_partial(const float* p, int64_t n) {
    return {_mm512_maskz_loadu_ps(static_cast<uint16_t>((1u << n) - 1), p)};
  }
  static W load_f16(const uint8_t* p) {
    return {_mm512_maskz_cvtph_ps(0xffff, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
  }
  static W load_u8(const uint8_t* p) { return from_u8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
  static W load_u4(const uint8_t* p) {
    const __m128i pairs = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
    const __m128i low = _mm_set1_epi8(15);
    return from_u8(_mm_unpacklo_epi8(_mm_and_si128(pairs, low), _mm_and_si128(_mm_srli_epi16(pairs, 4), low)));
  }
  static W set1_f16(const uint8_t* p) {
    return {_mm512_maskz_cvtph_ps(0xffff, _mm256_set1_epi16(static_cast<int16_t>(load_u16(p))))};
  }

  void store(float* p) const { _mm512_storeu_ps(p, v); }

 private:  // the plain forms of these and of max warn of something uninitialised in GCC 12's header
  static W from_u8(__m128i bytes) {
    return {_mm512_maskz_cvtepi32_ps(0xffff, _mm512_maskz_cvtepu8_epi32(0xffff, bytes))};
  }
};

inline W operator+(W a, W b) {
  return {_mm512_add_ps(a.v, b.v)};
}
inline W operator*(W a, W b) {
  return {_mm512_mul_ps(a.v, b.v)};
}
inline W operator/(W a, W b) {
  return {_mm512_div_ps(a.v, b.v)};
}

inline W fma(W a, W b, W c) {
  return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
inline W max(W a, W b) {
  return {_mm512_maskz_max_ps(0xffff, a.v, b.v)};
}

// Bit i = (low <= x[i] && x[i] <= high), of 8.
inline uint32_t in_range_8(const int64_t* x, int64_t low, int64_t high) {
  const __m512i v = _mm512_loadu_si512(x);
  return static_cast<uint32_t>(_mm512_cmpge_epi64_mask(v, _mm512_set1_epi64(low))) &
         static_cast<uint32_t>(_mm512_cmple_epi64_mask(v, _mm512_set1_epi64(high)));
}
inline uint32_t in_range_8(const double* x, double low, double high) {
  const __m512d v = _mm512_loadu_pd(x);
  return static_cast<uint32_t>(_mm512_cmp_pd_mask(v, _mm512_set1_pd(low), _CMP_GE_OQ)) &
         static_cast<uint32_t>(_mm512_cmp_pd_mask(v, _mm512_set1_pd(high), _CMP_LE_OQ));
}
// Bit i = (x[i] == wanted), of 8.
inline uint32_t equal_8(const uint32_t* x, uint32_t wanted) {
  const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x));
  return _mm256_cmpeq_epi32_mask(v, _mm256_set1_epi32(static_cast<int32_t>(wanted)));
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
  return {_mm256_dpwssd_epi32(c.v, a.v, b.v)};
}
