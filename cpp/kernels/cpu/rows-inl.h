// rows_<format>: embedding rows, converted to f32.
//
//   for i < n, d < dim:  out[i, d] = value(table row ids[i], d)
//
// table: rows row_bytes apart (table/row_format.h), any alignment. ids: int64 [n], all inside the table (the caller has
// checked). out: f32 [n, dim], rows out_stride apart, written exactly. Exact in f32 and f16; i8 and i4 are rounded
// once.

template <class Row>
void copy_rows(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, int64_t n, float* out,
               int64_t out_stride) {
  const int64_t ahead = prefetch_distance(row_bytes);
  prefetch_rows(table, row_bytes, ids, n);
  for (int64_t i = 0; i < n; ++i) {
    if (i + ahead < n) prefetch_row(table + ids[i + ahead] * row_bytes, row_bytes);
    const Row row(table + ids[i] * row_bytes, dim);
    float* y = out + i * out_stride;
    int64_t d = 0;
    for (; d + 8 <= dim; d += 8) row.at(d).store(y + d);
    if (d < dim) row.at_partial(d, dim - d).store_partial(y + d, dim - d);
  }
}

void rows_f32(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, int64_t n, float* out,
              int64_t out_stride) noexcept {
  copy_rows<RowF32>(table, row_bytes, dim, ids, n, out, out_stride);
}

void rows_f16(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, int64_t n, float* out,
              int64_t out_stride) noexcept {
  copy_rows<RowF16>(table, row_bytes, dim, ids, n, out, out_stride);
}

void rows_i8(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, int64_t n, float* out,
             int64_t out_stride) noexcept {
  copy_rows<RowI8>(table, row_bytes, dim, ids, n, out, out_stride);
}

void rows_i4(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, int64_t n, float* out,
             int64_t out_stride) noexcept {
  copy_rows<RowI4>(table, row_bytes, dim, ids, n, out, out_stride);
}
