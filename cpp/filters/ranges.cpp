#include "filters/ranges.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace recfast {
namespace {

using Kind = Expression::Kind;

// The neighbours of a value among those that an attribute can hold.
template <class T>
struct Neighbours {
  T below;
  T above;
};

// The closed range in which the comparison with the value is true. before, after: the next smaller and larger T.
template <class T, class Before, class After>
Range<T> range_of(Kind kind, const Neighbours<T>& first, const Neighbours<T>& last, const Range<T>& everything,
                  Before before, After after) {
  switch (kind) {
    case Kind::kLess:
      return {everything.low, before(first.above)};
    case Kind::kLessEqual:
      return {everything.low, first.below};
    case Kind::kGreater:
      return {after(first.below), everything.high};
    case Kind::kGreaterEqual:
      return {first.above, everything.high};
    case Kind::kBetween:
      return {first.above, last.below};
    default:
      return {first.above, first.below};
  }
}

Neighbours<Int128> integers_around(const Attribute& attribute, const Value& value) {
  if (const Number* number = value.number()) return {number->integer_below, number->integer_above};
  const TimePoint& time = *value.time();
  const Int128 exact = Int128{time.ticks} * nanoseconds(time.unit);
  const Int128 tick = nanoseconds(attribute.unit);
  const Int128 below = exact / tick - (exact % tick < 0 ? 1 : 0);
  return {below, below + (exact % tick != 0 ? 1 : 0)};
}

}  // namespace

Range<int64_t> integer_range(const Attribute& attribute, Kind kind, const std::vector<Value>& values) {
  const bool is_unsigned = attribute.type == AttributeType::kUint || attribute.type == AttributeType::kUintList;
  const Int128 least = is_unsigned ? Int128{0} : Int128{std::numeric_limits<int64_t>::min()};
  const Int128 greatest = is_unsigned ? Int128{UINT64_MAX} : Int128{std::numeric_limits<int64_t>::max()};
  const Range<Int128> range = range_of<Int128>(
      kind, integers_around(attribute, values.front()), integers_around(attribute, values.back()), {least, greatest},
      [](Int128 x) { return x - 1; }, [](Int128 x) { return x + 1; });
  const Int128 low = std::max(range.low, least);
  const Int128 high = std::min(range.high, greatest);
  if (low > high) return {1, 0};
  const auto key = [&](Int128 x) {
    return is_unsigned ? unsigned_key(static_cast<uint64_t>(x)) : static_cast<int64_t>(x);
  };
  return {key(low), key(high)};
}

Range<double> float_range(Kind kind, const std::vector<Value>& values) noexcept {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();  // lies in no range, and no range with it
  const auto around = [](const Value& value) {
    return Neighbours<double>{value.number()->float_below, value.number()->float_above};
  };
  return range_of<double>(
      kind, around(values.front()), around(values.back()), {-kInfinity, kInfinity},
      [](double x) { return x == -kInfinity ? kNothing : std::nextafter(x, -kInfinity); },
      [](double x) { return x == kInfinity ? kNothing : std::nextafter(x, kInfinity); });
}

}  // namespace recfast
