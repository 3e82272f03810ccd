#pragma once
// Numeric transforms, in float64, in the order given; missing stays missing and is 0 in the end.
//
//   log1p:       sign(x) * log(1 + |x|)
//   standardise: (x - mean) * scale
//   clip:        min(max(x, low), high)

#include <cstdint>
#include <string>
#include <vector>

namespace recfast {

struct TransformStep {
  enum class Kind : uint8_t { kLog1p, kStandardise, kClip };
  Kind kind = Kind::kLog1p;
  double first = 0;   // mean, low
  double second = 0;  // scale, high
};

// Throws ValueError for an unknown name.
TransformStep make_transform(const std::string& name, const std::vector<double>& parameters);
double apply(const std::vector<TransformStep>& steps, double x) noexcept;

}  // namespace recfast
