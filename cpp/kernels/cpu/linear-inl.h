// linear: a fully connected layer over packed weights.
//
//   for r < rows, o < out:
//     y[r, o] = act((accumulate ? y[r, o] : bias ? bias[o] : 0) + sum_k x[r, k] * W[k, o])       k ascending, one fma
//     each act = relu ? max(0, .) : .
//
// x: f32 [rows, in], rows x_stride apart. packed: f32 [ceil(out / 16)][in][16], zero padded (pack_linear).
// bias: f32 [out], may be null, not read when accumulate. y: f32 [rows, out], rows y_stride apart, must not alias x.
// y is written (accumulate: and read) up to the next multiple of 16 columns: y_stride >= 16 * ceil(out / 16).
// Bound: |error| <= (in + 1) * eps * (|init| + sum |x * W|).
//
// A tile of R rows x P panels keeps 2 R P accumulators: few rows take more panels, since an fma has a latency of 4
// cycles at 2 per cycle. Rows go through in blocks, so that a block stays in L2 while a panel stays in L1.

template <int R, int P>
void linear_tile(const float* x, int64_t x_stride, int64_t in, const float* packed, const float* bias, int64_t out,
                 bool accumulate, bool relu, float* y, int64_t y_stride) {
  constexpr int kVectors = 2 * P;  // 8 outputs each
  V acc[R][kVectors];
  if (accumulate) {
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 16
      for (int j = 0; j < kVectors; ++j) acc[r][j] = V::load(y + r * y_stride + 8 * j);
  } else {
#pragma GCC unroll 16
    for (int j = 0; j < kVectors; ++j) {
      const int64_t left = out - 8 * j;
      const V init = bias == nullptr || left <= 0 ? V::zero()
                     : left >= 8                  ? V::load(bias + 8 * j)
                                                  : V::load_partial(bias + 8 * j, left);
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) acc[r][j] = init;
    }
  }
  const int64_t panel_size = in * kPanel;
  for (int64_t k = 0; k < in; ++k) {
    const float* w = packed + k * kPanel;
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) {
      const V w0 = V::load(w + p * panel_size);
      const V w1 = V::load(w + p * panel_size + 8);
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) {
        const V a = V::set1(x[r * x_stride + k]);
        acc[r][2 * p] = fma(a, w0, acc[r][2 * p]);
        acc[r][2 * p + 1] = fma(a, w1, acc[r][2 * p + 1]);
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 16
    for (int j = 0; j < kVectors; ++j) (relu ? max(V::zero(), acc[r][j]) : acc[r][j]).store(y + r * y_stride + 8 * j);
}

// R rows, all panels, as many panels at a time as there are accumulators for.
template <int R>
void linear_few_rows(const float* x, int64_t x_stride, int64_t in, const float* packed, const float* bias, int64_t out,
                     bool accumulate, bool relu, float* y, int64_t y_stride) {
  constexpr int kMany = V::kAccumulators / (2 * R) > 1 ? V::kAccumulators / (2 * R) : 1;
  const int64_t panels = (out + kPanel - 1) / kPanel;  // packed_width() stays outside the region
  int64_t p = 0;
  const auto step = [&]<int P>() {
    const int64_t o = p * kPanel;
    linear_tile<R, P>(x, x_stride, in, packed + p * in * kPanel, bias == nullptr ? nullptr : bias + o, out - o,
                      accumulate, relu, y + o, y_stride);
    p += P;
  };
  while (p + kMany <= panels) step.template operator()<kMany>();
  while (p < panels) step.template operator()<1>();
}

template <int R>
void linear_rest(int64_t rows, const float* x, int64_t x_stride, int64_t in, const float* packed, const float* bias,
                 int64_t out, bool accumulate, bool relu, float* y, int64_t y_stride) {
  if (rows == R)
    linear_few_rows<R>(x, x_stride, in, packed, bias, out, accumulate, relu, y, y_stride);
  else if constexpr (R > 1)
    linear_rest<R - 1>(rows, x, x_stride, in, packed, bias, out, accumulate, relu, y, y_stride);
}

void linear(const float* x, int64_t x_stride, int64_t rows, int64_t in, const float* packed, const float* bias,
            bool accumulate, bool relu, float* y, int64_t y_stride, int64_t out) noexcept {
  constexpr int kRows = V::kAccumulators / 2;
  constexpr int64_t kBlock = 16 * kRows;
  const int64_t whole = rows / kRows * kRows;
  for (int64_t begin = 0; begin < whole; begin += kBlock) {
    const int64_t end = begin + kBlock < whole ? begin + kBlock : whole;
    for (int64_t o = 0; o < out; o += kPanel)
      for (int64_t r = begin; r < end; r += kRows)
        linear_tile<kRows, 1>(x + r * x_stride, x_stride, in, packed + o * in, bias == nullptr ? nullptr : bias + o,
                              out - o, accumulate, relu, y + r * y_stride + o, y_stride);
  }
  linear_rest<kRows - 1>(rows - whole, x + whole * x_stride, x_stride, in, packed, bias, out, accumulate, relu,
                         y + whole * y_stride, y_stride);
}
