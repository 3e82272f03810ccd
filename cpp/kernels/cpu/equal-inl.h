// equal_u32: which codes are the wanted one, as a bitmap.
//
//   for w < words:  bits[w] = sum over i < 64 of 2^i * (x[64 w + i] == wanted)
//
// x: uint32 [words * 64]. bits: uint64 [words]. Exact.

void equal_u32(const uint32_t* x, int64_t words, uint32_t wanted, uint64_t* bits) noexcept {
  for (int64_t w = 0; w < words; ++w, x += 64) {
    uint64_t word = 0;
#pragma GCC unroll 8
    for (int i = 0; i < 64; i += 8) word |= uint64_t{equal_8(x + i, wanted)} << i;
    bits[w] = word;
  }
}
