#include "features/transform.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace recfast {

TransformStep make_transform(const std::string& name, const std::vector<double>& parameters) {
  const auto expect = [&](size_t count) {
    if (parameters.size() != count) {
      throw ValueError("transform '" + name + "' has " + std::to_string(count) + " parameters, got " +
                       std::to_string(parameters.size()));
    }
    for (double p : parameters) {
      if (!std::isfinite(p)) throw ValueError("transform '" + name + "': its parameters are finite numbers");
    }
  };
  if (name == "log1p") {
    expect(0);
    return {};
  }
  expect(2);
  if (name == "standardise") return {TransformStep::Kind::kStandardise, parameters[0], parameters[1]};
  if (name == "clip") return {TransformStep::Kind::kClip, parameters[0], parameters[1]};
  throw ValueError("unknown transform '" + name + "'; the transforms are log1p, standardise and clip");
}

double apply(const std::vector<TransformStep>& steps, double x) noexcept {
  for (const TransformStep& step : steps) {
    switch (step.kind) {
      case TransformStep::Kind::kLog1p:
        x = std::copysign(std::log1p(std::fabs(x)), x);
        break;
      case TransformStep::Kind::kStandardise:
        x = (x - step.first) * step.second;
        break;
      case TransformStep::Kind::kClip:
        x = std::min(std::max(x, step.first), step.second);
        break;
    }
  }
  return x;
}

}  // namespace recfast
