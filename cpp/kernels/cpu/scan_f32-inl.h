// scan_f32: dot products of f32 rows, where the caller keeps them, and f32 queries, for some groups of a block.
//
//   for q < num_queries, g in groups, r < 8 with 8 g + r < rows:
//     dots[q][8 g + r] = sum over d < dim of vectors[8 g + r][d] * queries[q][d]
//
// vectors: f32 [rows, dim], rows `stride` floats apart. groups, dots: as scan_i8. queries: f32 [num_queries, dim].
// Eight partial sums, then their sum. Error: at most dim * eps * sum of |products|.

template <int kRows, int kQueries>
inline void scan_f32_tile(const float* const* rows, int64_t dim, const float* queries, float* dots) {
  V sums[kQueries][kRows];
#pragma GCC unroll 4
  for (int q = 0; q < kQueries; ++q) {
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) sums[q][r] = V::zero();
  }
  const auto step = [&](auto&& load, int64_t d) {
    V x[kRows];
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) x[r] = load(rows[r] + d);
#pragma GCC unroll 4
    for (int q = 0; q < kQueries; ++q) {
      const V query = load(queries + q * dim + d);
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) sums[q][r] = fma(x[r], query, sums[q][r]);
    }
  };
  int64_t d = 0;
  for (; d + 8 <= dim; d += 8) step([](const float* p) { return V::load(p); }, d);
  if (d < dim) step([n = dim - d](const float* p) { return V::load_partial(p, n); }, d);
#pragma GCC unroll 4
  for (int q = 0; q < kQueries; ++q) {
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) dots[q * kBlockRows + r] = sums[q][r].sum();
  }
}

template <int kRows, int kQueries>
inline void scan_f32_queries(const float* vectors, int64_t stride, int64_t rows, int64_t dim, const uint8_t* groups,
                             int64_t count, const float* queries, float* dots) {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t end = (groups[i] + 1) * kGroupRows < rows ? (groups[i] + 1) * kGroupRows : rows;
    for (int64_t row = groups[i] * kGroupRows; row < end; row += kRows) {
      const float* at[kRows];
      for (int r = 0; r < kRows; ++r) at[r] = vectors + (row + r < rows ? row + r : rows - 1) * stride;
      const int64_t ahead = row + kRows + 4 < rows ? row + kRows + 4 : rows - 1;
      for (int r = 0; r < kRows; ++r) {
        const auto* wanted =
            reinterpret_cast<const uint8_t*>(vectors + (ahead + r < rows ? ahead + r : rows - 1) * stride);
        for (int64_t line = 0; line < dim * 4; line += 64) prefetch(wanted + line);
      }
      scan_f32_tile<kRows, kQueries>(at, dim, queries, dots + row);
    }
  }
}

void scan_f32(const float* vectors, int64_t stride, int64_t rows, int64_t dim, const uint8_t* groups, int64_t count,
              const float* queries, int64_t num_queries, float* dots) noexcept {
  for (; num_queries >= 4; num_queries -= 4) {
    scan_f32_queries<2, 4>(vectors, stride, rows, dim, groups, count, queries, dots);
    queries += 4 * dim;
    dots += 4 * kBlockRows;
  }
  if (num_queries == 3) scan_f32_queries<2, 3>(vectors, stride, rows, dim, groups, count, queries, dots);
  if (num_queries == 2) scan_f32_queries<4, 2>(vectors, stride, rows, dim, groups, count, queries, dots);
  if (num_queries == 1) scan_f32_queries<4, 1>(vectors, stride, rows, dim, groups, count, queries, dots);
}
