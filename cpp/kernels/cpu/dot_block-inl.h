// dot_block: every vector of one list with every vector of another, per row; the left list stands transposed, so that
// one vector register holds a coordinate of 8 of them.
//
//   for r < rows, j < count, i < lanes:
//     y[r, j * y_step + i] = sum_k left[r][k * L + i] * right[r][j * dim + k]     k ascending, one fma each
//     L = lanes rounded up to a multiple of 8
//
// left: pointers to f32 [dim][L], rows of them; the padding may hold anything. right: pointers to f32 [count][dim].
// Pointers of both may repeat. y: f32, rows y_stride apart, must not alias the inputs; in every row `count` runs of
// `lanes` numbers are written exactly, y_step apart, y_step >= lanes.
// Bound: |error| <= dim * eps * sum |left * right|.
//
// A tile of J right vectors x P registers keeps J P accumulators, as a tile of linear does.

template <int J, int P>
void dot_tile(const float* left, int64_t left_stride, const float* right, int64_t dim, int64_t lanes, float* y,
              int64_t y_step) {
  V acc[J][P];
#pragma GCC unroll 16
  for (int j = 0; j < J; ++j)
#pragma GCC unroll 4
    for (int p = 0; p < P; ++p) acc[j][p] = V::zero();
  for (int64_t k = 0; k < dim; ++k) {
    V w[P];
#pragma GCC unroll 4
    for (int p = 0; p < P; ++p) w[p] = V::load(left + k * left_stride + 8 * p);
#pragma GCC unroll 16
    for (int j = 0; j < J; ++j) {
      const V x = V::set1(right[j * dim + k]);
#pragma GCC unroll 4
      for (int p = 0; p < P; ++p) acc[j][p] = fma(x, w[p], acc[j][p]);
    }
  }
  const int64_t last = lanes - 8 * (P - 1);  // of the last register: all 8, or fewer
#pragma GCC unroll 16
  for (int j = 0; j < J; ++j) {
    float* out = y + j * y_step;
#pragma GCC unroll 4
    for (int p = 0; p + 1 < P; ++p) acc[j][p].store(out + 8 * p);
    if (last >= 8)
      acc[j][P - 1].store(out + 8 * (P - 1));
    else
      acc[j][P - 1].store_partial(out + 8 * (P - 1), last);
  }
}

template <int J, int P>
void dot_rest(int64_t count, const float* left, int64_t left_stride, const float* right, int64_t dim, int64_t lanes,
              float* y, int64_t y_step) {
  if (count == J)
    dot_tile<J, P>(left, left_stride, right, dim, lanes, y, y_step);
  else if constexpr (J > 1)
    dot_rest<J - 1, P>(count, left, left_stride, right, dim, lanes, y, y_step);
}

// All right vectors with the P registers that begin at `left`.
template <int P>
void dot_column(const float* left, int64_t left_stride, const float* right, int64_t count, int64_t dim, int64_t lanes,
                float* y, int64_t y_step) {
  constexpr int kMany = V::kTileRows;
  int64_t j = 0;
  for (; j + kMany <= count; j += kMany)
    dot_tile<kMany, P>(left, left_stride, right + j * dim, dim, lanes, y + j * y_step, y_step);
  if constexpr (kMany > 1)
    dot_rest<kMany - 1, P>(count - j, left, left_stride, right + j * dim, dim, lanes, y + j * y_step, y_step);
}

void dot_block(const float* const* left, int64_t lanes, const float* const* right, int64_t count, int64_t rows,
               int64_t dim, float* y, int64_t y_stride, int64_t y_step) noexcept {
  const int64_t left_stride = (lanes + 7) / 8 * 8;
  for (int64_t r = 0; r < rows; ++r) {
    float* out = y + r * y_stride;
    for (int64_t i = 0; i < lanes; i += 16) {
      if (lanes - i > 8)
        dot_column<2>(left[r] + i, left_stride, right[r], count, dim, lanes - i, out + i, y_step);
      else
        dot_column<1>(left[r] + i, left_stride, right[r], count, dim, lanes - i, out + i, y_step);
    }
  }
}
