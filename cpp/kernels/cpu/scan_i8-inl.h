// scan_i8: dot products of 8-bit rows and 16-bit queries, for some groups of a block.
//
//   for q < num_queries, g in groups, r < 8:
//     dots[q][8 g + r] = float(sum over p < pairs, i < 2 of codes[g][p][r][i] * queries[q][2 p + i])
//
// codes: int8 [., pairs, 8, 2]: two numbers of each of 8 rows beside each other, so that sums stay in their lanes.
// groups: uint8 [count], the groups to scan. queries: int16 [num_queries, 2 pairs]. dots: f32 [num_queries,
// kBlockRows]; other groups are not written. The sums are exact: the caller sees to it that they, and no two products
// of a pair, leave int32; as f32 they are rounded once.

// One group after the other, so that memory is read from one end to the other: several at a time are as fast from the
// caches, and half as fast from memory.

// A page ahead. Measured with 64 dimensions, an Intel Xeon, AVX-512 and AVX2: codes that come from the L3 cache (64 MB)
// are scanned in 5.0 ms from 1 KB ahead on, 4.1 from 2, 3.5 from 4, 3.4 from 8; from memory (128 MB) 2 to 8 KB differ
// by less than the runs.
constexpr int64_t kAheadBytes = 4096;

// The group that is asked for while group i of the list is read; behind the last one the memory that follows.
inline const uint8_t* group_ahead(const void* codes, int64_t group_bytes, const uint8_t* groups, int64_t count,
                                  int64_t i) {
  const int64_t wanted = i + (group_bytes < kAheadBytes ? kAheadBytes / group_bytes : 1);
  const int64_t group = wanted < count ? groups[wanted] : groups[count - 1] + wanted - count + 1;
  return static_cast<const uint8_t*>(codes) + group * group_bytes;
}

template <int kPairs, int kQueries>
inline void scan_i8_step(const int8_t* codes, int64_t p, int64_t pairs, const int16_t* queries,
                         Sums (&sums)[kQueries]) {
#pragma GCC unroll 4
  for (int i = 0; i < kPairs; ++i) {
    const Pairs rows = Pairs::load_i8(codes + 16 * (p + i));
#pragma GCC unroll 4
    for (int q = 0; q < kQueries; ++q)
      sums[q] = add_products(rows, Pairs::set1(queries + 2 * (q * pairs + p + i)), sums[q]);
  }
}

template <int kQueries>
inline void scan_i8_queries(const int8_t* codes, int64_t pairs, const uint8_t* groups, int64_t count,
                            const int16_t* queries, float* dots) {
  const int64_t group_bytes = 16 * pairs;
  for (int64_t i = 0; i < count; ++i) {
    const int8_t* group = codes + groups[i] * group_bytes;
    const uint8_t* ahead = group_ahead(codes, group_bytes, groups, count, i);
    Sums sums[kQueries];
#pragma GCC unroll 4
    for (int q = 0; q < kQueries; ++q) sums[q] = Sums::zero();
    int64_t p = 0;
    for (; p + 4 <= pairs; p += 4) {
      prefetch(ahead + 16 * p);
      scan_i8_step<4, kQueries>(group, p, pairs, queries, sums);
    }
    for (; p < pairs; ++p) scan_i8_step<1, kQueries>(group, p, pairs, queries, sums);
#pragma GCC unroll 4
    for (int q = 0; q < kQueries; ++q) sums[q].floats().store(dots + q * kBlockRows + groups[i] * kGroupRows);
  }
}

void scan_i8(const int8_t* codes, int64_t pairs, const uint8_t* groups, int64_t count, const int16_t* queries,
             int64_t num_queries, float* dots) noexcept {
  for (; num_queries >= 4; num_queries -= 4) {
    scan_i8_queries<4>(codes, pairs, groups, count, queries, dots);
    queries += 4 * 2 * pairs;
    dots += 4 * kBlockRows;
  }
  if (num_queries == 3) scan_i8_queries<3>(codes, pairs, groups, count, queries, dots);
  if (num_queries == 2) scan_i8_queries<2>(codes, pairs, groups, count, queries, dots);
  if (num_queries == 1) scan_i8_queries<1>(codes, pairs, groups, count, queries, dots);
}
