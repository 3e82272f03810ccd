// scan_f16: dot products of binary16 rows and f32 queries, for some groups of a block.
//
//   for q < num_queries, g in groups, r < 8:
//     dots[q][8 g + r] = sum over d < dim of codes[g][d][r] * queries[q][d], in f32: the even d ascending, the odd
//     ones likewise, then their sum
//
// codes: f16 [., dim, 8]. groups, dots: as scan_i8. queries: f32 [num_queries, dim]. Error: at most dim * eps * sum of
// |products|.

template <int kQueries>
inline void scan_f16_step(const uint8_t* codes, int64_t d, int64_t dim, const float* queries, V (&sums)[kQueries]) {
  const V rows = V::load_f16(codes + 16 * d);
#pragma GCC unroll 4
  for (int q = 0; q < kQueries; ++q) sums[q] = fma(rows, V::set1(queries[q * dim + d]), sums[q]);
}

template <int kQueries>
inline void scan_f16_queries(const uint8_t* codes, int64_t dim, const uint8_t* groups, int64_t count,
                             const float* queries, float* dots) {
  const int64_t group_bytes = 16 * dim;
  for (int64_t i = 0; i < count; ++i) {
    const uint8_t* group = codes + groups[i] * group_bytes;
    const uint8_t* ahead = group_ahead(codes, group_bytes, groups, count, i);
    V even[kQueries];
    V odd[kQueries];
#pragma GCC unroll 4
    for (int q = 0; q < kQueries; ++q) even[q] = odd[q] = V::zero();
    int64_t d = 0;
    for (; d + 4 <= dim; d += 4) {
      prefetch(ahead + 16 * d);
      scan_f16_step<kQueries>(group, d, dim, queries, even);
      scan_f16_step<kQueries>(group, d + 1, dim, queries, odd);
      scan_f16_step<kQueries>(group, d + 2, dim, queries, even);
      scan_f16_step<kQueries>(group, d + 3, dim, queries, odd);
    }
    for (; d + 2 <= dim; d += 2) {
      scan_f16_step<kQueries>(group, d, dim, queries, even);
      scan_f16_step<kQueries>(group, d + 1, dim, queries, odd);
    }
    if (d < dim) scan_f16_step<kQueries>(group, d, dim, queries, even);
#pragma GCC unroll 4
    for (int q = 0; q < kQueries; ++q) (even[q] + odd[q]).store(dots + q * kBlockRows + groups[i] * kGroupRows);
  }
}

void scan_f16(const uint8_t* codes, int64_t dim, const uint8_t* groups, int64_t count, const float* queries,
              int64_t num_queries, float* dots) noexcept {
  for (; num_queries >= 4; num_queries -= 4) {
    scan_f16_queries<4>(codes, dim, groups, count, queries, dots);
    queries += 4 * dim;
    dots += 4 * kBlockRows;
  }
  if (num_queries == 3) scan_f16_queries<3>(codes, dim, groups, count, queries, dots);
  if (num_queries == 2) scan_f16_queries<2>(codes, dim, groups, count, queries, dots);
  if (num_queries == 1) scan_f16_queries<1>(codes, dim, groups, count, queries, dots);
}
