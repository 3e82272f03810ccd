// row_products: dot products and sums of squares of rows that lie anywhere.
//
//   for r < count:  dots[r] = sum_d rows[r][d] * query[d];  squares[r] = sum_d rows[r][d]^2
//
// rows: pointers to f32 [dim]. query: f32 [dim]. dots, squares: f32 [count]. Rows are asked for from memory ahead of
// their turn. Two times eight partial sums, then their sum. Error: at most dim * eps * sum of |products|.

void row_products(const float* const* rows, int64_t count, int64_t dim, const float* query, float* dots,
                  float* squares) noexcept {
  constexpr int64_t kAhead = 8;
  constexpr int64_t kMostLines = 8;  // of a row; the hardware foresees the rest
  const int64_t lines = (dim + 15) / 16 < kMostLines ? (dim + 15) / 16 : kMostLines;
  const auto ask_for = [&](int64_t r) {
    const auto* row = reinterpret_cast<const uint8_t*>(rows[r]);
    for (int64_t line = 0; line < lines; ++line) prefetch(row + 64 * line);
  };
  for (int64_t r = 0; r < (count < kAhead ? count : kAhead); ++r) ask_for(r);
  for (int64_t r = 0; r < count; ++r) {
    ask_for(r + kAhead < count ? r + kAhead : count - 1);
    const float* row = rows[r];
    V dot[2] = {V::zero(), V::zero()};
    V square[2] = {V::zero(), V::zero()};
    const auto step = [&](const V& x, const V& q, int lane) {
      dot[lane] = fma(x, q, dot[lane]);
      square[lane] = fma(x, x, square[lane]);
    };
    int64_t d = 0;
    for (; d + 16 <= dim; d += 16) {
      step(V::load(row + d), V::load(query + d), 0);
      step(V::load(row + d + 8), V::load(query + d + 8), 1);
    }
    if (d + 8 <= dim) {
      step(V::load(row + d), V::load(query + d), 0);
      d += 8;
    }
    if (d < dim) step(V::load_partial(row + d, dim - d), V::load_partial(query + d, dim - d), 1);
    dots[r] = (dot[0] + dot[1]).sum();
    squares[r] = (square[0] + square[1]).sum();
  }
}
