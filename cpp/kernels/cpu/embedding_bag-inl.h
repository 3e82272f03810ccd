// embedding_bag_<format>: pooled embedding rows.
//
//   for b < bags:
//     L = offsets[b + 1] - offsets[b];  i = offsets[b] .. offsets[b + 1], ascending
//     sum:  out[b, d] = sum_i w_i * value(table row ids[i], d)             w_i = weights ? weights[i] : 1
//     mean: out[b, d] = (the sum) / L
//     max:  out[b, d] = max_i value(table row ids[i], d)                   weights are ignored
//     L = 0: out[b, d] = 0
//
// table, ids: as in rows_<format>. offsets: int64 [bags + 1], not decreasing, into ids and weights. weights: f32, may
// be null. out: f32 [bags, dim], rows out_stride apart, written exactly. Bound: |error| <= (L + 2) * eps * sum_i |w_i *
// value|, in the unit of the result. A bag of one id, without weights, is the row itself, bit for bit (-0 becomes +0).
//
// Columns go in chunks of 64, 32, 16 and 8 whose accumulators stay in registers, then the last dim % 8.

struct BagArgs {
  const uint8_t* table;
  int64_t row_bytes, dim;
  const int64_t* ids;
  const int64_t* offsets;
  int64_t bags;
  const float* weights;
  Pooling pooling;
  float* out;
  int64_t out_stride;
};

struct SumRows {
  static V next(V acc, V value, V) { return acc + value; }
};
struct WeightedRows {
  static V next(V acc, V value, V weight) { return fma(weight, value, acc); }
};
struct MaxRows {
  static V next(V acc, V value, V) { return max(acc, value); }
};

// Bags begin..end, columns d .. d + 8 N (N > 0) or the last n = dim - d < 8 (N = 0).
template <class Row, class Pool, int N>
void pool_columns(const BagArgs& a, int64_t begin, int64_t end, int64_t d) {
  constexpr int kVectors = N > 0 ? N : 1;
  constexpr bool kWeighted = __is_same(Pool, WeightedRows);
  constexpr bool kMax = __is_same(Pool, MaxRows);
  const int64_t rest = a.dim - d;
  const int64_t last = a.offsets[a.bags] - 1;
  const int64_t ahead = prefetch_distance(a.row_bytes);
  for (int64_t b = begin; b < end; ++b) {
    const int64_t from = a.offsets[b];
    const int64_t to = a.offsets[b + 1];
    V acc[kVectors];
    for (int j = 0; j < kVectors; ++j) acc[j] = V::zero();
    for (int64_t i = from; i < to; ++i) {
      if (d == 0) prefetch_row(a.table + a.ids[i + ahead < last ? i + ahead : last] * a.row_bytes, a.row_bytes);
      const Row row(a.table + a.ids[i] * a.row_bytes, a.dim);
      const V weight = kWeighted ? V::set1(a.weights[i]) : V::zero();
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j) {
        const V value = N > 0 ? row.at(d + 8 * j) : row.at_partial(d, rest);
        acc[j] = kMax && i == from ? value : Pool::next(acc[j], value, weight);
      }
    }
    if (a.pooling == Pooling::kMean && to > from) {
      const V length = V::set1(static_cast<float>(to - from));
      for (int j = 0; j < kVectors; ++j) acc[j] = acc[j] / length;
    }
    float* y = a.out + b * a.out_stride + d;
    if constexpr (N > 0)
      for (int j = 0; j < kVectors; ++j) acc[j].store(y + 8 * j);
    else
      acc[0].store_partial(y, rest);
  }
}

// All columns of bags begin..end from column d on.
template <class Row, class Pool>
void pool_from(const BagArgs& a, int64_t begin, int64_t end, int64_t d) {
  for (; a.dim - d >= 64; d += 64) pool_columns<Row, Pool, 8>(a, begin, end, d);
  if (a.dim - d >= 32) pool_columns<Row, Pool, 4>(a, begin, end, d), d += 32;
  if (a.dim - d >= 16) pool_columns<Row, Pool, 2>(a, begin, end, d), d += 16;
  if (a.dim - d >= 8) pool_columns<Row, Pool, 1>(a, begin, end, d), d += 8;
  if (a.dim > d) pool_columns<Row, Pool, 0>(a, begin, end, d);
}

template <class Row, class Pool>
void pool_bags(const BagArgs& a) {
  const int64_t dim = a.dim;
  prefetch_rows(a.table, a.row_bytes, a.ids + a.offsets[0], a.offsets[a.bags] - a.offsets[0]);
  if (dim < 8 || dim == 8 || dim == 16 || dim == 32 || dim == 64) return pool_from<Row, Pool>(a, 0, a.bags, 0);
  for (int64_t b = 0; b < a.bags; ++b) pool_from<Row, Pool>(a, b, b + 1, 0);  // several chunks: while the rows are near
}

template <class Row>
void pool(const BagArgs& a) {
  if (a.pooling == Pooling::kMax) return pool_bags<Row, MaxRows>(a);
  if (a.weights != nullptr) return pool_bags<Row, WeightedRows>(a);
  pool_bags<Row, SumRows>(a);
}

void embedding_bag_f32(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, const int64_t* offsets,
                       int64_t bags, const float* weights, Pooling pooling, float* out, int64_t out_stride) noexcept {
  pool<RowF32>({table, row_bytes, dim, ids, offsets, bags, weights, pooling, out, out_stride});
}

void embedding_bag_f16(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, const int64_t* offsets,
                       int64_t bags, const float* weights, Pooling pooling, float* out, int64_t out_stride) noexcept {
  pool<RowF16>({table, row_bytes, dim, ids, offsets, bags, weights, pooling, out, out_stride});
}

void embedding_bag_i8(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, const int64_t* offsets,
                      int64_t bags, const float* weights, Pooling pooling, float* out, int64_t out_stride) noexcept {
  pool<RowI8>({table, row_bytes, dim, ids, offsets, bags, weights, pooling, out, out_stride});
}

void embedding_bag_i4(const uint8_t* table, int64_t row_bytes, int64_t dim, const int64_t* ids, const int64_t* offsets,
                      int64_t bags, const float* weights, Pooling pooling, float* out, int64_t out_stride) noexcept {
  pool<RowI4>({table, row_bytes, dim, ids, offsets, bags, weights, pooling, out, out_stride});
}
