#pragma once
// Tests of attributes that hold numbers or times: ranges, sets, booleans.

#include <cstdint>
#include <vector>

#include "filters/condition.h"
#include "kernels/kernels.h"

namespace recfast {

// low <= x <= high. T: int64 (also times, and unsigned integers by their keys) or double. low > high: nothing.
template <class T>
struct Range {
  T low;
  T high;
};

template <class T>
class RangeCondition final : public AttributeCondition {
 public:
  RangeCondition(size_t attribute, bool negated, const KernelTable& kernels, Range<T> range) noexcept
      : AttributeCondition(attribute, negated), kernels_(kernels), range_(range) {}

 private:
  void match(const AttributeCells& cells, uint64_t* words) const noexcept override;

  const KernelTable& kernels_;
  Range<T> range_;
};

// x is one of the values.
template <class T>
class SetCondition final : public AttributeCondition {
 public:
  SetCondition(size_t attribute, bool negated, const KernelTable& kernels, std::vector<T> values);

 private:
  void match(const AttributeCells& cells, uint64_t* words) const noexcept override;

  const KernelTable& kernels_;
  std::vector<T> values_;  // ascending
};

// Booleans: whether false passes, whether true passes.
class BoolCondition final : public AttributeCondition {
 public:
  BoolCondition(size_t attribute, bool negated, bool if_false, bool if_true) noexcept
      : AttributeCondition(attribute, negated),
        if_false_(if_false ? ~uint64_t{0} : 0),
        if_true_(if_true ? ~uint64_t{0} : 0) {}

 private:
  void match(const AttributeCells& cells, uint64_t* words) const noexcept override;

  uint64_t if_false_;
  uint64_t if_true_;
};

}  // namespace recfast
