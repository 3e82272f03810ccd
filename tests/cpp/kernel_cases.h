#pragma once
// What every kernel test needs: all ISAs, awkward sizes, inputs that end where their memory ends, guarded outputs.

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/error.h"
#include "cpp/check.h"
#include "kernels/cpu/dispatch.h"

namespace recfast::test {

inline const std::vector<int64_t> kSizes = {0, 1, 7, 8, 9, 15, 16, 17, 64, 85, 163};

template <class F>
void for_each_isa(F&& f) {
  for (std::string_view isa : available_isas()) f(kernels_for(isa));
}

inline void at(const KernelTable& kernels, std::initializer_list<int64_t> sizes) {
  context = kernels.isa;
  for (int64_t size : sizes) (context += ' ') += std::to_string(size);
}

// Exactly n elements on the heap, off the alignment of any vector: AddressSanitizer sees a read behind the end.
template <class T>
class Exact {
 public:
  explicit Exact(int64_t n) : n_(n), memory_(new std::byte[kOffset + n * sizeof(T)]()) {}
  T* data() { return reinterpret_cast<T*>(memory_.get() + kOffset); }
  const T* data() const { return reinterpret_cast<const T*>(memory_.get() + kOffset); }
  T& operator[](int64_t i) { return data()[i]; }
  const T& operator[](int64_t i) const { return data()[i]; }
  int64_t size() const { return n_; }

 private:
  static constexpr size_t kOffset = sizeof(T) < 8 ? 4 : 8;

  int64_t n_;
  std::unique_ptr<std::byte[]> memory_;
};

// Integers from -range to range as floats: sums of products are exact, in any order, with or without fma.
inline Exact<float> integers(int64_t n, int range, uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_int_distribution<int> any(-range, range);
  Exact<float> values(n);
  for (int64_t i = 0; i < n; ++i) values[i] = static_cast<float>(any(generator));
  return values;
}

inline Exact<float> normals(int64_t n, uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> any;
  Exact<float> values(n);
  for (int64_t i = 0; i < n; ++i) values[i] = any(generator);
  return values;
}

inline constexpr float kSentinel = -12345.5f;

// rows x stride floats, all sentinels.
inline Exact<float> sentinels(int64_t rows, int64_t stride) {
  Exact<float> values(rows * stride);
  for (int64_t i = 0; i < values.size(); ++i) values[i] = kSentinel;
  return values;
}

// Columns width .. stride of every row still hold their sentinel.
inline bool untouched(const Exact<float>& y, int64_t rows, int64_t width, int64_t stride) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t d = width; d < stride; ++d)
      if (y[r * stride + d] != kSentinel) return false;
  return true;
}

inline bool same_bits(const float* a, const float* b, int64_t n) {
  return n == 0 || std::memcmp(a, b, static_cast<size_t>(n) * sizeof(float)) == 0;
}

inline constexpr double kEps = 0x1p-24;  // half a unit in the last place of 1.0f

}  // namespace recfast::test
