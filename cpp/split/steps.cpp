#include "split/steps.h"

namespace recfast::split {

std::vector<float> Linear::gathered() const {
  std::vector<float> all;
  all.reserve(static_cast<size_t>(in * out));
  for (int64_t row = 0; row < out; ++row) {
    for (const Columns& range : columns) {
      const float* from = weight->data + row * weight->columns + range.first;
      all.insert(all.end(), from, from + range.width);
    }
  }
  return all;
}

const char* step_name(const Step& step) noexcept {
  static constexpr const char* kNames[] = {
#define RECFAST_STEP(stem, Name) #stem,
#include "split/steps.def"
#undef RECFAST_STEP
  };
  return kNames[step.index()];
}

}  // namespace recfast::split
