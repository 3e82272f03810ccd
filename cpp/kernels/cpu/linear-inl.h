// linear: a fully connected layer over packed weights.
//
//   for r < rows, o < out:
//     y[r, o] = act((accumulate ? y[r, o] : bias ? bias[o] : 0) + sum_k x[r, k] * W[k, o])       k ascending, one fma
//     each act = relu ? max(0, .) : .
//
// x: f32 [rows, in], rows x_stride apart. packed: f32 [ceil(out / 16)][in][16], zero padded (pack_linear).
// bias: f32 [out], may be null, not read when accumulate. y: f32 [rows, out], rows y_stride apart, must not alias x.
// y is written (accumulate: and read) up to the next multiple of 16 columns: y_stride >= 16 * ceil(out / 16).
// ahead: rows to prefetch meanwhile, may be null.
// Bound: |error| <= (in + 1) * eps * (|init| + sum |x * W|).
//
// A tile of R rows x P panels keeps R P accumulators of 16 outputs: few rows take more panels, since an fma has a
// latency of 4 cycles at 2 per cycle. Rows go through in blocks, so that a block stays in L2 while its panels stay in
// L1.

template <int R, int P>
void linear_tile(const float* x, int64_t x_stride, int64_t in, const float* packed, const float* bias, int64_t out,
                 bool accumulate, bool relu, float* y, int64_t y_stride, Ahead* ahead) {
  W acc[R][P];
  if (accumulate) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
      for (int p = 0; p < P; ++p) acc[r][p] = W::load(y + r * y_stride + p * kPanel);
  } else {
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) {
      const int64_t left = out - p * kPanel;
      const W init = bias == nullptr  ? W::zero()
                     : left >= kPanel ? W::load(bias + p * kPanel)
                                      : W::load_partial(bias + p * kPanel, left);
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) acc[r][p] = init;
    }
  }
  const int64_t panel_size = in * kPanel;
  // What memory can give meanwhile is asked for in small portions: more than the fill buffers hold would stall the
  // sums.
  constexpr int64_t kPortion = 32;
  for (int64_t begin = 0; begin < in; begin += kPortion) {
    prefetch_some(ahead, kPortion * P / 16);
    const int64_t end = begin + kPortion < in ? begin + kPortion : in;
    for (int64_t k = begin; k < end; ++k) {
      const float* w = packed + k * kPanel;
      if constexpr (R > 2 * P) {  // the weights wait in P registers
        W weights[P];
#pragma GCC unroll 8
        for (int p = 0; p < P; ++p) weights[p] = W::load(w + p * panel_size);
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) {
          const W a = W::set1(x[r * x_stride + k]);
#pragma GCC unroll 8
          for (int p = 0; p < P; ++p) acc[r][p] = fma(a, weights[p], acc[r][p]);
        }
      } else {  // the rows' numbers wait in R registers
#pragma GCC unroll 8
        for (int p = 0; p < P; ++p) {
          const W weights = W::load(w + p * panel_size);
#pragma GCC unroll 16
          for (int r = 0; r < R; ++r) acc[r][p] = fma(W::set1(x[r * x_stride + k]), weights, acc[r][p]);
        }
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) {
      const W v = relu ? max(W::zero(), acc[r][p]) : acc[r][p];
      v.store(y + r * y_stride + p * kPanel);
    }
}

// R rows, the given panels: P at a time, then half as many.
template <int R, int P>
void linear_panels(int64_t panels, const float* x, int64_t x_stride, int64_t in, const float* packed, const float* bias,
                   int64_t out, bool accumulate, bool relu, float* y, int64_t y_stride, Ahead* ahead) {
  for (; panels >= P; panels -= P) {
    linear_tile<R, P>(x, x_stride, in, packed, bias, out, accumulate, relu, y, y_stride, ahead);
    packed += P * in * kPanel;
    bias = bias == nullptr ? nullptr : bias + P * kPanel;
    out -= P * kPanel;
    y += P * kPanel;
  }
  if constexpr (P > 1)
    linear_panels<R, P / 2>(panels, x, x_stride, in, packed, bias, out, accumulate, relu, y, y_stride, ahead);
}

// The rows that do not fill a tile, with as many panels at a time as there are accumulators for; 8 hide the latency.
template <int R>
void linear_rest(int64_t rows, const float* x, int64_t x_stride, int64_t in, const float* packed, const float* bias,
                 int64_t out, bool accumulate, bool relu, float* y, int64_t y_stride, Ahead* ahead) {
  constexpr int kFit = V::kTileRows * V::kTilePanels / R;
  const int64_t panels = (out + kPanel - 1) / kPanel;  // packed_width() stays outside the region
  if (rows == R)
    linear_panels<R, (kFit < 8 ? kFit : 8)>(panels, x, x_stride, in, packed, bias, out, accumulate, relu, y, y_stride,
                                            ahead);
  else if constexpr (R > 1)
    linear_rest<R - 1>(rows, x, x_stride, in, packed, bias, out, accumulate, relu, y, y_stride, ahead);
}

// Whole tiles: rows begin .. end of all panels from column o on, P panels at a time.
template <int P>
void linear_block(const float* x, int64_t x_stride, int64_t begin, int64_t end, int64_t in, const float* packed,
                  const float* bias, bool accumulate, bool relu, float* y, int64_t y_stride, int64_t o, int64_t out,
                  Ahead* ahead) {
  for (; o + (P - 1) * kPanel < out; o += P * kPanel)
    for (int64_t r = begin; r < end; r += V::kTileRows) {
      linear_tile<V::kTileRows, P>(x + r * x_stride, x_stride, in, packed + o * in,
                                   bias == nullptr ? nullptr : bias + o, out - o, accumulate, relu,
                                   y + r * y_stride + o, y_stride, ahead);
    }
  if constexpr (P > 1)
    linear_block<P / 2>(x, x_stride, begin, end, in, packed, bias, accumulate, relu, y, y_stride, o, out, ahead);
}

void linear(const float* x, int64_t x_stride, int64_t rows, int64_t in, const float* packed, const float* bias,
            bool accumulate, bool relu, float* y, int64_t y_stride, int64_t out, Ahead* ahead) noexcept {
  constexpr int kRows = V::kTileRows;
  constexpr int64_t kBlock = 16 * kRows;
  const int64_t whole = rows / kRows * kRows;
  for (int64_t begin = 0; begin < whole; begin += kBlock) {
    const int64_t end = begin + kBlock < whole ? begin + kBlock : whole;
    linear_block<V::kTilePanels>(x, x_stride, begin, end, in, packed, bias, accumulate, relu, y, y_stride, 0, out,
                                 ahead);
  }
  linear_rest<kRows - 1>(rows - whole, x + whole * x_stride, x_stride, in, packed, bias, out, accumulate, relu,
                         y + whole * y_stride, y_stride, ahead);
}
