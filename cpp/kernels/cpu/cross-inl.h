// cross: the elementwise part of a cross layer, z = W xl + b being given. Source: Wang et al. 2021, "DCN V2",
// equation 1.
//
//   for r < rows, d < width:  y[r, d] = x0[r, d] * z[r, d] + xl[r, d]
//
// All: f32 [rows, width], each with its own stride. y is written exactly and may be z or xl itself.
// Bound: |error| <= 2 * eps * (|x0 * z| + |xl|).

void cross(const float* x0, int64_t x0_stride, const float* z, int64_t z_stride, const float* xl, int64_t xl_stride,
           int64_t rows, int64_t width, float* y, int64_t y_stride) noexcept {
  const int64_t tail = width % 8;
  const int64_t whole = width - tail;
  for (int64_t r = 0; r < rows; ++r) {
    const float* a = x0 + r * x0_stride;
    const float* b = z + r * z_stride;
    const float* c = xl + r * xl_stride;
    float* out = y + r * y_stride;
    for (int64_t d = 0; d < whole; d += 8) fma(V::load(a + d), V::load(b + d), V::load(c + d)).store(out + d);
    if (tail > 0)
      fma(V::load_partial(a + whole, tail), V::load_partial(b + whole, tail), V::load_partial(c + whole, tail))
          .store_partial(out + whole, tail);
  }
}
