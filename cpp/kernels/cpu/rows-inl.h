// rows_<format>: embedding rows, converted to f32.
//
//   for i < n, d < dim:  out[i, d] = value(table row ids[i], d)
//
// table: rows row_bytes apart (table/row_format.h), any alignment. ids: int64 [n], all inside the table (the caller has
// checked). out: f32 [n, dim], rows out_stride apart, written exactly. Exact in f32 and f16; i8 and i4 are rounded
// once.

// N vectors of a row from column d on.
template <int N, class Row>
void copy_columns(const Row& row, int64_t d, float* y) {
#pragma GCC unroll 8
  for (int j = 0; j < N; ++j) row.at(d + 8 * j).store(y + d + 8 * j);
}

// N > 0: rows of 8 N columns, as straight-line code; N = 0: rows of any width.
template <class Row, int N>
void copy_rows_of(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, int64_t n, float* out,
                  int64_t out_stride) {
  const int64_t ahead = prefetch_distance(row_bytes);
  prefetch_rows(table, row_bytes, ids, n);
  for (int64_t i = 0; i < n; ++i) {
    prefetch_row(table + ids[i + ahead < n ? i + ahead : n - 1] * row_bytes, Row::bytes(N > 0 ? 8 * N : dim));
    const Row row(table + ids[i] * row_bytes, dim);
    float* y = out + i * out_stride;
    if constexpr (N > 0) {
      copy_columns<N>(row, 0, y);
    } else {
      int64_t d = 0;
      for (; d + 32 <= dim; d += 32) copy_columns<4>(row, d, y);
      for (; d + 8 <= dim; d += 8) copy_columns<1>(row, d, y);
      if (d < dim) row.at_partial(d, dim - d).store_partial(y + d, dim - d);
    }
  }
}

template <class Row>
void copy_rows(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, int64_t n, float* out,
               int64_t out_stride) {
  if (dim == 8) return copy_rows_of<Row, 1>(table, row_bytes, dim, ids, n, out, out_stride);
  if (dim == 16) return copy_rows_of<Row, 2>(table, row_bytes, dim, ids, n, out, out_stride);
  if (dim == 32) return copy_rows_of<Row, 4>(table, row_bytes, dim, ids, n, out, out_stride);
  if (dim == 64) return copy_rows_of<Row, 8>(table, row_bytes, dim, ids, n, out, out_stride);
  copy_rows_of<Row, 0>(table, row_bytes, dim, ids, n, out, out_stride);
}

void rows_f32(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, int64_t n, float* out,
              int64_t out_stride) noexcept {
  copy_rows<RowF32<V>>(table, row_bytes, dim, ids, n, out, out_stride);
}

void rows_f16(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, int64_t n, float* out,
              int64_t out_stride) noexcept {
  copy_rows<RowF16<V>>(table, row_bytes, dim, ids, n, out, out_stride);
}

void rows_i8(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, int64_t n, float* out,
             int64_t out_stride) noexcept {
  copy_rows<RowI8<V>>(table, row_bytes, dim, ids, n, out, out_stride);
}

void rows_i4(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, int64_t n, float* out,
             int64_t out_stride) noexcept {
  copy_rows<RowI4<V>>(table, row_bytes, dim, ids, n, out, out_stride);
}
