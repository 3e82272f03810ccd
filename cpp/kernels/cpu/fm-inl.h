// fm: the second-order term of a factorisation machine. Source: Rendle 2010, "Factorization Machines", lemma 3.1.
//
//   for r < rows:
//     s_d = sum_f x[r, f, d]                                       f ascending
//     term[r] = 0.5 * sum_d (s_d^2 - sum_f x[r, f, d]^2)
//     sum[r, d] = s_d, when sum is not null
//
// x: f32 [rows, fields, dim], a row's fields dense, rows x_stride apart. sum: f32 [rows, dim], rows sum_stride apart,
// may be null. term: f32, one per row, term_stride apart. Outputs must not alias x. Bound: |error| <= (2 fields + dim /
// 8 + 6) * eps * sum_d ((sum_f |v_fd|)^2 + sum_f v_fd^2).

void fm(const float* x, int64_t x_stride, int64_t rows, int64_t fields, int64_t dim, float* sum, int64_t sum_stride,
        float* term, int64_t term_stride) noexcept {
  const int64_t tail = dim % 8;
  for (int64_t r = 0; r < rows; ++r) {
    const float* row = x + r * x_stride;
    V total = V::zero();
    int64_t d = 0;
    for (; d + 8 <= dim; d += 8) {
      V s = V::zero();
      V squares = V::zero();
      for (int64_t f = 0; f < fields; ++f) {
        const V v = V::load(row + f * dim + d);
        s = s + v;
        squares = fma(v, v, squares);
      }
      total = total + (s * s - squares);
      if (sum != nullptr) s.store(sum + r * sum_stride + d);
    }
    if (tail > 0) {
      V s = V::zero();
      V squares = V::zero();
      for (int64_t f = 0; f < fields; ++f) {
        const V v = V::load_partial(row + f * dim + d, tail);
        s = s + v;
        squares = fma(v, v, squares);
      }
      total = total + (s * s - squares);
      if (sum != nullptr) s.store_partial(sum + r * sum_stride + d, tail);
    }
    term[r * term_stride] = 0.5f * total.sum();
  }
}
