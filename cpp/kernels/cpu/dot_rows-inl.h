// dot_rows: one dot product per pair of gathered rows, added to what is there.
//
//   for r < rows:  out[r] += sum_d a[r][d] * b[r][d]
//
// a, b: pointers to f32 [width], rows of them; pointers may repeat. out: f32 [rows], must not alias the inputs.
// Bound: |error| <= (width / 8 + 5) * eps * (|out| + sum |a * b|).

void dot_rows(const float* const* a, const float* const* b, int64_t rows, int64_t width, float* out) noexcept {
  for (int64_t r = 0; r < rows; ++r) {
    const float* left = a[r];
    const float* right = b[r];
    V acc = V::zero();
    int64_t d = 0;
    for (; d + 8 <= width; d += 8) acc = fma(V::load(left + d), V::load(right + d), acc);
    if (d < width) acc = fma(V::load_partial(left + d, width - d), V::load_partial(right + d, width - d), acc);
    out[r] += acc.sum();
  }
}
