#pragma once
// A case of kernel_times: what it moves, its answer compared, then timed; and random operands for it.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include "cuda/device.h"

namespace recfast::cuda::bench {

using test::any_floats;
using test::any_int;
using test::Array;
using test::ok;
using test::Rows;

inline constexpr int kTurns = 64;    // sets of ids: what a call leaves in the L2 cache is of little use to the next
inline constexpr int kBatches = 30;  // timed, one after the other
inline constexpr int kCalls = 64;    // of a batch: a call's time is a batch's over this
inline constexpr int64_t kSamples = 500;

enum class Mode { kTime, kCompare, kList };
inline Mode mode = Mode::kTime;

struct Run {
  std::function<cudaError_t(int turn)> call;
  std::function<double()> error;  // largest, after call(0)
};
struct Case {
  std::string kernel;
  std::string shape;
  int64_t bytes;
  int64_t operations;
  double bound;
};

#if defined(__CUDACC__)
inline void print_times(const std::function<cudaError_t(int)>& call) {
  cudaEvent_t begin, end;
  ok(cudaEventCreate(&begin));
  ok(cudaEventCreate(&end));
  std::printf(", \"microseconds\": [");
  for (int batch = -3; batch < kBatches; ++batch) {  // the first three warm up
    ok(cudaEventRecord(begin));
    for (int i = 0; i < kCalls; ++i) ok(call(i));
    ok(cudaEventRecord(end));
    ok(cudaEventSynchronize(end));
    float milliseconds = 0;
    ok(cudaEventElapsedTime(&milliseconds, begin, end));
    if (batch >= 0) std::printf("%s%.3f", batch > 0 ? ", " : "", 1e3 * static_cast<double>(milliseconds) / kCalls);
  }
  std::printf("]");
  ok(cudaEventDestroy(begin));
  ok(cudaEventDestroy(end));
}
#else
inline void print_times(const std::function<cudaError_t(int)>&) {
  std::fprintf(stderr, "the emulator has no clock: kernel_times compare\n");
  std::exit(2);
}
#endif

template <class Make>
void report(const Case& what, Make make) {
  std::printf("{\"kernel\": \"%s\", \"shape\": \"%s\", \"bytes\": %lld, \"operations\": %lld", what.kernel.c_str(),
              what.shape.c_str(), static_cast<long long>(what.bytes), static_cast<long long>(what.operations));
  if (mode != Mode::kList) {
    const Run run = make();
    ok(run.call(0));
    const double error = run.error();
    if (!(error <= what.bound)) {
      std::fprintf(stderr, "%s, %s: differs by %g, more than %g\n", what.kernel.c_str(), what.shape.c_str(), error,
                   what.bound);
      std::exit(1);
    }
    std::printf(", \"error\": %g, \"bound\": %g", error, what.bound);
    if (mode == Mode::kTime) print_times(run.call);
  }
  std::printf("}\n");
}

// Rows of a call and of a table.
inline int64_t many() {
  return mode == Mode::kCompare ? 100 : 16384;
}
inline int64_t table_rows() {
  return mode == Mode::kCompare ? 300 : 1000000;
}
inline std::string per(int64_t rows, const char* what) {
  return std::to_string(rows) + " " + what;
}
inline const char* name_of(DeviceFormat format) {
  return format == DeviceFormat::kF32 ? "f32" : format == DeviceFormat::kF16 ? "f16" : "i8";
}
inline int64_t row_bytes(DeviceFormat format, int64_t dim) {
  return format == DeviceFormat::kF32 ? 4 * dim : format == DeviceFormat::kF16 ? 2 * dim : dim + 4;
}

template <class T>
std::vector<std::vector<T>> any_rows(int64_t count, int64_t below) {
  std::vector<std::vector<T>> sets(kTurns, std::vector<T>(static_cast<size_t>(count)));
  for (auto& set : sets)
    for (T& id : set) id = static_cast<T>(any_int(below));
  return sets;
}
template <class T>
std::vector<std::shared_ptr<Array<T>>> on_device(const std::vector<std::vector<T>>& sets) {
  std::vector<std::shared_ptr<Array<T>>> arrays;
  for (const auto& set : sets) arrays.push_back(std::make_shared<Array<T>>(set));
  return arrays;
}

// The largest |got - wanted(r, d)| / scale over sampled rows of [rows, stride], columns [first, first + width).
inline double largest(const std::vector<float>& got, int64_t rows, int64_t stride, int64_t first, int64_t width,
                      const std::function<std::pair<double, double>(int64_t, int64_t)>& wanted) {
  double most = 0;
  for (int64_t i = 0; i < std::min(rows, kSamples); ++i) {
    const int64_t r = rows <= kSamples ? i : any_int(rows);
    for (int64_t d = 0; d < width; ++d) {
      const auto [value, scale] = wanted(r, d);
      const double error =
          std::abs(static_cast<double>(got[static_cast<size_t>(r * stride + first + d)]) - value) / (1e-30 + scale);
      most = error <= most ? most : error;  // NaN stays
    }
  }
  return most;
}

}  // namespace recfast::cuda::bench
