// Comparisons of 8 numbers as 8 bits, bit i for x[i], where the ISA has no better way: AVX2 and AVX-512 have their own.

template <class T>
uint32_t in_range_8(const T* x, T low, T high) {  // low <= x[i] <= high
  uint32_t bits = 0;
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) bits |= static_cast<uint32_t>((x[i] >= low) & (x[i] <= high)) << i;
  return bits;
}

inline uint32_t equal_8(const uint32_t* x, uint32_t wanted) {
  uint32_t bits = 0;
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) bits |= static_cast<uint32_t>(x[i] == wanted) << i;
  return bits;
}
