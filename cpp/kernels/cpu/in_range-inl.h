// in_range_i64, in_range_f64: which numbers lie in a closed range, as a bitmap.
//
//   for w < words:  bits[w] = sum over i < 64 of 2^i * (low <= x[64 w + i] && x[64 w + i] <= high)
//
// x: int64 or float64 [words * 64]. low > high is the empty range. NaN, as number or as bound, lies in no range.
// bits: uint64 [words]. Exact.

template <class T>
void in_range(const T* x, int64_t words, T low, T high, uint64_t* bits) noexcept {
  for (int64_t w = 0; w < words; ++w, x += 64) {
    uint64_t word = 0;
#pragma GCC unroll 8
    for (int i = 0; i < 64; i += 8) word |= uint64_t{in_range_8(x + i, low, high)} << i;
    bits[w] = word;
  }
}

void in_range_i64(const int64_t* x, int64_t words, int64_t low, int64_t high, uint64_t* bits) noexcept {
  in_range(x, words, low, high, bits);
}
void in_range_f64(const double* x, int64_t words, double low, double high, uint64_t* bits) noexcept {
  in_range(x, words, low, high, bits);
}
