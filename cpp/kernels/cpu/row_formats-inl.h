// One embedding row of each format (table/row_format.h) as vectors of floats, T = V or W. A kernel over rows is a
// template over these: Row<T>(row, dim), then at(d) for the T::kLanes numbers from column d, with V also at_partial(d,
// n) for the last n < 8; bytes(dim) is its size.

template <class T>
struct RowF32 {
  static constexpr int64_t bytes(int64_t dim) { return 4 * dim; }
  const uint8_t* row;
  RowF32(const uint8_t* row, int64_t) : row(row) {}
  T at(int64_t d) const { return T::load(row + 4 * d); }
  T at_partial(int64_t d, int64_t n) const { return T::load_partial(row + 4 * d, n); }
};

template <class T>
struct RowF16 {
  static constexpr int64_t bytes(int64_t dim) { return 2 * dim; }
  const uint8_t* row;
  RowF16(const uint8_t* row, int64_t) : row(row) {}
  T at(int64_t d) const { return T::load_f16(row + 2 * d); }
  T at_partial(int64_t d, int64_t n) const { return T::load_f16_partial(row + 2 * d, n); }
};

template <class T>
struct RowI8 {
  static constexpr int64_t bytes(int64_t dim) { return dim + 4; }
  const uint8_t* row;
  T scale, offset;
  RowI8(const uint8_t* row, int64_t dim)
      : row(row), scale(T::set1_f16(row + dim)), offset(T::set1_f16(row + dim + 2)) {}
  T at(int64_t d) const { return fma(T::load_u8(row + d), scale, offset); }
  T at_partial(int64_t d, int64_t n) const { return fma(T::load_u8_partial(row + d, n), scale, offset); }
};

template <class T>
struct RowI4 {
  static constexpr int64_t bytes(int64_t dim) { return (dim + 1) / 2 + 4; }
  const uint8_t* row;
  T scale, offset;
  RowI4(const uint8_t* row, int64_t dim)
      : row(row), scale(T::set1_f16(row + (dim + 1) / 2)), offset(T::set1_f16(row + (dim + 1) / 2 + 2)) {}
  T at(int64_t d) const { return fma(T::load_u4(row + d / 2), scale, offset); }
  T at_partial(int64_t d, int64_t n) const { return fma(T::load_u4_partial(row + d / 2, n), scale, offset); }
};

// How many rows ahead to prefetch: enough misses in flight, without pushing earlier rows out of L1. As good as any of 8
// to 64 for rows of 36 to 128 bytes (2-core Zen 3 virtual machine, November 2026).
inline int64_t prefetch_distance(int64_t row_bytes) {
  if (row_bytes <= 64) return 32;
  if (row_bytes <= 256) return row_bytes <= 128 ? 24 : 16;
  return row_bytes >= 2048 ? 2 : 4096 / row_bytes;
}

// The first rows of a list of n: those that no loop runs ahead of.
inline __attribute__((always_inline)) void prefetch_rows(const uint8_t* table, int64_t row_bytes, const int64_t* ids,
                                                         int64_t n) {
  const int64_t ahead = prefetch_distance(row_bytes);
  for (int64_t i = 0; i < (n < ahead ? n : ahead); ++i) prefetch_row(table + ids[i] * row_bytes, row_bytes);
}
