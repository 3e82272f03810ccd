#pragma once
// Memory of the device for tests: vectors that are copied there and back. Every call is checked.

#include <cuda_runtime.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "base/half.h"
#include "kernels/cuda/kernels.h"

namespace recfast::cuda::test {

inline void ok(cudaError_t error) {
  if (error == cudaSuccess) return;
  std::fprintf(stderr, "CUDA: %s: %s\n", cudaGetErrorName(error), cudaGetErrorString(error));
  std::exit(1);
}

// Numbers on the device. host() waits for the device.
template <class T>
class Array {
 public:
  explicit Array(const std::vector<T>& values) : size_(values.size()) {
    ok(cudaMalloc(reinterpret_cast<void**>(&data_), bytes() + sizeof(T)));
    ok(cudaMemcpy(data_, values.data(), bytes(), cudaMemcpyHostToDevice));
  }
  ~Array() { ok(cudaFree(data_)); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  T* data() const { return data_; }
  std::vector<T> host() const {
    std::vector<T> values(size_);
    ok(cudaMemcpy(values.data(), data_, bytes(), cudaMemcpyDeviceToHost));
    return values;
  }

 private:
  size_t bytes() const { return size_ * sizeof(T); }
  size_t size_;
  T* data_ = nullptr;
};

inline std::mt19937& random() {
  static std::mt19937 generator(20261127);
  return generator;
}

inline float any_float() {
  return std::uniform_real_distribution<float>(-1, 1)(random());
}

inline int64_t any_int(int64_t below) {
  return std::uniform_int_distribution<int64_t>(0, below - 1)(random());
}

inline std::vector<float> any_floats(int64_t n) {
  std::vector<float> out(static_cast<size_t>(n));
  for (float& x : out) x = any_float();
  return out;
}

// Rows of a format with random content: on the device, and what they mean on the host.
class Rows {
 public:
  Rows(DeviceFormat format, int64_t rows, int64_t dim)
      : dim_(dim), row_bytes_((dim * bytes_of(format) + 15) / 16 * 16), format_(format) {
    std::vector<uint8_t> memory(static_cast<size_t>(rows * row_bytes_), 0xff);  // what lies between rows is NaN
    std::vector<uint16_t> scales(static_cast<size_t>(2 * rows));
    for (int64_t r = 0; r < rows; ++r) {
      const uint16_t scale = float_to_half(0.01f * (1.5f + any_float()));
      const uint16_t offset = float_to_half(any_float());
      scales[static_cast<size_t>(2 * r)] = scale;
      scales[static_cast<size_t>(2 * r + 1)] = offset;
      for (int64_t d = 0; d < dim; ++d) {
        uint8_t* at = memory.data() + r * row_bytes_ + d * bytes_of(format);
        float value = any_float();
        if (format == DeviceFormat::kF32) {
          std::memcpy(at, &value, sizeof value);
        } else if (format == DeviceFormat::kF16) {
          const uint16_t half = float_to_half(value);
          std::memcpy(at, &half, sizeof half);
          value = half_to_float(half);
        } else {
          *at = static_cast<uint8_t>(any_int(256));
          value = static_cast<float>(*at) * half_to_float(scale) + half_to_float(offset);
        }
        values_.push_back(value);
      }
    }
    memory_ = std::make_unique<Array<uint8_t>>(memory);
    scales_ = std::make_unique<Array<uint16_t>>(scales);
  }
  DeviceRows device() const {
    return {memory_->data(), row_bytes_, format_ == DeviceFormat::kI8 ? scales_->data() : nullptr, dim_, format_};
  }
  float value(int64_t row, int64_t d) const { return values_[static_cast<size_t>(row * dim_ + d)]; }

 private:
  static int64_t bytes_of(DeviceFormat format) {
    return format == DeviceFormat::kF32 ? 4 : format == DeviceFormat::kF16 ? 2 : 1;
  }
  int64_t dim_;
  int64_t row_bytes_;
  DeviceFormat format_;
  std::vector<float> values_;
  std::unique_ptr<Array<uint8_t>> memory_;
  std::unique_ptr<Array<uint16_t>> scales_;
};

// What stands in outputs before a kernel runs: whatever it must not write is still there.
inline constexpr float kSentinel = -12345.0f;

inline constexpr DeviceFormat kFormats[] = {DeviceFormat::kF32, DeviceFormat::kF16, DeviceFormat::kI8};

// RECFAST_TEST_SMALL=1: fewer and smaller cases, for sanitizers.
inline bool small() {
  static const bool asked = std::getenv("RECFAST_TEST_SMALL") != nullptr;
  return asked;
}

}  // namespace recfast::cuda::test
