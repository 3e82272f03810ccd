// join_rows: gathered rows, added and activated: where the request side, the item side and the pair side of a split
// linear meet.
//
//   for r < rows, d < width:  y[r, d] = act(a[r][d] + (b ? b[r][d] : 0))      act = relu ? max(0, .) : .
//
// a: pointers to f32 [width], rows of them. b: the same, may be null (then y = act(a)); its pointers may repeat.
// y: f32 [rows, width], rows y_stride apart, written exactly; may be one of the inputs' rows itself, not overlap one.

template <bool kTwo, bool kRelu>
void join_all(const float* const* a, const float* const* b, int64_t rows, int64_t width, float* y, int64_t y_stride) {
  const auto act = []<class T>(T v) { return kRelu ? max(T::zero(), v) : v; };
  for (int64_t r = 0; r < rows; ++r) {
    const float* left = a[r];
    const float* right = kTwo ? b[r] : nullptr;
    float* out = y + r * y_stride;
    int64_t d = 0;
    for (; d + 16 <= width; d += 16) {
      W v = W::load(left + d);
      if constexpr (kTwo) v = v + W::load(right + d);
      act(v).store(out + d);
    }
    for (; d + 8 <= width; d += 8) {
      V v = V::load(left + d);
      if constexpr (kTwo) v = v + V::load(right + d);
      act(v).store(out + d);
    }
    if (d < width) {
      V v = V::load_partial(left + d, width - d);
      if constexpr (kTwo) v = v + V::load_partial(right + d, width - d);
      act(v).store_partial(out + d, width - d);
    }
  }
}

void join_rows(const float* const* a, const float* const* b, int64_t rows, int64_t width, bool relu, float* y,
               int64_t y_stride) noexcept {
  if (b != nullptr)
    relu ? join_all<true, true>(a, b, rows, width, y, y_stride) : join_all<true, false>(a, b, rows, width, y, y_stride);
  else
    relu ? join_all<false, true>(a, b, rows, width, y, y_stride)
         : join_all<false, false>(a, b, rows, width, y, y_stride);
}
