// dot_vectors: one vector with every vector of a list, per row.
//
//   for r < rows, j < count:  y[r, j * y_step] = sum_k left[r][k] * right[r][j * dim + k]
//
// left: pointers to f32 [dim], rows of them. right: pointers to f32 [count][dim]. Pointers of both may repeat.
// y: f32, rows y_stride apart, must not alias the inputs; `count` numbers of every row are written, y_step apart.
// Bound: |error| <= (dim / 8 + 5) * eps * sum |left * right|.

void dot_vectors(const float* const* left, const float* const* right, int64_t count, int64_t rows, int64_t dim,
                 float* y, int64_t y_stride, int64_t y_step) noexcept {
  const int64_t tail = dim % 8;
  const int64_t whole = dim - tail;
  for (int64_t r = 0; r < rows; ++r) {
    const float* a = left[r];
    const float* b = right[r];
    float* out = y + r * y_stride;
    for (int64_t j = 0; j < count; ++j, b += dim) {
      V acc = V::zero();
      for (int64_t k = 0; k < whole; k += 8) acc = fma(V::load(a + k), V::load(b + k), acc);
      if (tail > 0) acc = fma(V::load_partial(a + whole, tail), V::load_partial(b + whole, tail), acc);
      out[j * y_step] = acc.sum();
    }
  }
}
