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
// value|, in the unit of the result. A bag of one id, without weights, is the row itself, bit for bit.
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

// first: the accumulator after a bag's first row; next: after one more. T = V or W.
struct SumRows {
  template <class T>
  static T first(T value, T) {
    return value;
  }
  template <class T>
  static T next(T acc, T value, T) {
    return acc + value;
  }
};
struct WeightedRows {
  template <class T>
  static T first(T value, T weight) {
    return weight * value;
  }
  template <class T>
  static T next(T acc, T value, T weight) {
    return fma(weight, value, acc);
  }
};
struct MaxRows {
  template <class T>
  static T first(T value, T) {
    return value;
  }
  template <class T>
  static T next(T acc, T value, T) {
    return max(acc, value);
  }
};

// Bags begin..end, columns d .. d + N T::kLanes (N > 0) or the last n = dim - d < 8 (N = 0, T = V). kWhole: these are
// all columns, and rows are prefetched.
//
// Few registers and no stores but those of the result: while rows come from memory, the store queue is what is scarce.
// So the loops walk pointers, read `args` into locals (for all that the compiler knows, a store to `out` might change
// it), and the first row of a bag stands before its loop.
template <template <class> class Row, class Pool, class T, int N, bool kWhole>
void pool_columns(const BagArgs& args, int64_t begin, int64_t end, int64_t d) {
  constexpr int kVectors = N > 0 ? N : 1;
  constexpr bool kWeighted = __is_same(Pool, WeightedRows);
  const uint8_t* const table = args.table;
  const int64_t row_bytes = args.row_bytes;
  const int64_t dim = kWhole && N > 0 ? T::kLanes * N : args.dim;
  const int64_t first = kWhole ? 0 : d;
  const bool mean = args.pooling == Pooling::kMean;
  const int64_t ids = args.offsets[args.bags];
  const int64_t* const last = args.ids + (ids > 0 ? ids - 1 : 0);
  constexpr int64_t kNear = kWhole ? 8 : 0;
  const int64_t ahead = prefetch_distance(row_bytes);
  const int64_t* const safe = args.ids + (ids > ahead ? ids - ahead : 0);  // before it, ids lie `ahead` places on
  const int64_t* id = args.ids + args.offsets[begin];
  const float* weight = kWeighted ? args.weights + args.offsets[begin] : nullptr;
  const int64_t* offset = args.offsets + begin;
  const int64_t* const offset_end = args.offsets + end;
  float* y = args.out + begin * args.out_stride + first;
  const int64_t y_stride = args.out_stride;
  for (; offset < offset_end; ++offset, y += y_stride) {
    const int64_t length = offset[1] - offset[0];
    T acc[kVectors];
    const auto add = [&](auto pool, const int64_t* far, const int64_t* near) __attribute__((always_inline)) {
      if constexpr (kWhole) prefetch_row(table + *far * row_bytes, table + *near * row_bytes, Row<T>::bytes(dim));
      const Row<T> row(table + *id * row_bytes, dim);
      const T factor = kWeighted ? T::set1(*weight) : T::zero();
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j) {
        if constexpr (N > 0)
          acc[j] = pool(acc[j], row.at(first + T::kLanes * j), factor);
        else
          acc[j] = pool(acc[j], row.at_partial(first, dim - first), factor);
      }
      ++id;
      if constexpr (kWeighted) ++weight;
    };
    if (length > 0) [[likely]] {
      const auto start = [](T, T value, T factor) __attribute__((always_inline)) { return Pool::first(value, factor); };
      const auto next = [](T acc, T value, T factor)
                            __attribute__((always_inline)) { return Pool::next(acc, value, factor); };
      const int64_t* const id_end = id + length;
      const int64_t* const id_safe = id_end < safe ? id_end : safe;
      if (id < safe) [[likely]]
        add(start, id + ahead, id + kNear);
      else
        add(start, last, last);
      while (id < id_safe) add(next, id + ahead, id + kNear);
      while (id < id_end) add(next, last, last);
    } else {
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j) acc[j] = T::zero();
    }
    if (mean && length > 1) {
      const T divisor = T::set1(static_cast<float>(length));
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j) acc[j] = acc[j] / divisor;
    }
    if constexpr (N > 0) {
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j) acc[j].store(y + T::kLanes * j);
    } else {
      acc[0].store_partial(y, dim - first);
    }
  }
}

// All columns of bag b, whose rows are near.
template <template <class> class Row, class Pool>
void pool_bag(const BagArgs& a, int64_t b) {
  int64_t d = 0;
  for (; a.dim - d >= 64; d += 64) pool_columns<Row, Pool, W, 4, false>(a, b, b + 1, d);
  if (a.dim - d >= 32) pool_columns<Row, Pool, W, 2, false>(a, b, b + 1, d), d += 32;
  if (a.dim - d >= 16) pool_columns<Row, Pool, W, 1, false>(a, b, b + 1, d), d += 16;
  if (a.dim - d >= 8) pool_columns<Row, Pool, V, 1, false>(a, b, b + 1, d), d += 8;
  if (a.dim > d) pool_columns<Row, Pool, V, 0, false>(a, b, b + 1, d);
}

template <template <class> class Row, class Pool>
void pool_bags(const BagArgs& a) {
  prefetch_rows(a.table, a.row_bytes, a.ids + a.offsets[0], a.offsets[a.bags] - a.offsets[0]);
  if (a.dim < 8) return pool_columns<Row, Pool, V, 0, true>(a, 0, a.bags, 0);
  if (a.dim == 8) return pool_columns<Row, Pool, V, 1, true>(a, 0, a.bags, 0);
  if (a.dim == 16) return pool_columns<Row, Pool, W, 1, true>(a, 0, a.bags, 0);
  if (a.dim == 32) return pool_columns<Row, Pool, W, 2, true>(a, 0, a.bags, 0);
  if (a.dim == 64) return pool_columns<Row, Pool, W, 4, true>(a, 0, a.bags, 0);
  const int64_t ahead = prefetch_distance(a.row_bytes);
  const int64_t end = a.offsets[a.bags];
  for (int64_t b = 0; b < a.bags; ++b) {
    for (int64_t i = a.offsets[b] + ahead; i < a.offsets[b + 1] + ahead && i < end; ++i)
      prefetch_row(a.table + a.ids[i] * a.row_bytes, a.row_bytes);
    pool_bag<Row, Pool>(a, b);
  }
}

template <template <class> class Row>
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
