// linear_narrow: a fully connected layer with few outputs (fewer than 8), as dot products.
//
//   for r < rows, o < out:
//     y[r, o] = act(sum_k x[r, k] * W[o, k] + (accumulate ? y[r, o] : bias ? bias[o] : 0))       act as in linear
//
// x: f32 [rows, in], rows x_stride apart. weights: f32 [out, in], dense. bias: f32 [out], may be null.
// ahead: as in linear.
// y: f32 [rows, out], rows y_stride apart, written exactly, must not alias x.
// Bound: |error| <= (in / 8 + 5) * eps * (|init| + sum |x * W|).

inline float narrow_dot(const float* a, const float* b, int64_t n) {
  V acc = V::zero();
  int64_t k = 0;
  for (; k + 8 <= n; k += 8) acc = fma(V::load(a + k), V::load(b + k), acc);
  if (k < n) acc = fma(V::load_partial(a + k, n - k), V::load_partial(b + k, n - k), acc);
  return acc.sum();
}

void linear_narrow(const float* x, int64_t x_stride, int64_t rows, int64_t in, const float* weights, const float* bias,
                   bool accumulate, bool relu, float* y, int64_t y_stride, int64_t out, Ahead* ahead) noexcept {
  for (int64_t r = 0; r < rows; ++r) {
    prefetch_some(ahead, out);
    for (int64_t o = 0; o < out; ++o) {
      float& target = y[r * y_stride + o];
      const float init = accumulate ? target : bias != nullptr ? bias[o] : 0.0f;
      const float value = narrow_dot(x + r * x_stride, weights + o * in, in) + init;
      target = relu && value < 0.0f ? 0.0f : value;
    }
  }
}
