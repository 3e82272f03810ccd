#pragma once
// The values that expressions compare with, exact.

#include <cstdint>
#include <string>
#include <variant>

#include "base/time_unit.h"

namespace recfast {

__extension__ using Int128 = __int128;

// A number, integer or not, by its neighbours: the integers and the float64s next to it, which are itself where it is
// one. x < number is x < above, x <= number is x <= below, and so on, for x of that kind.
struct Number {
  Int128 integer_below = 0;  // the largest that is not above it; beyond +-2^100 any one
  Int128 integer_above = 0;
  double float_below = 0.0;
  double float_above = 0.0;

  static Number of(Int128 value) noexcept;  // |value| <= 2^100
  // Not NaN.
  static Number of(double value) noexcept;
};

struct Value {
  std::variant<Number, std::string, TimePoint> is;
  std::string type;  // the caller's word for its type, for messages
  std::string text;  // says all of it: different values have different texts

  const Number* number() const noexcept { return std::get_if<Number>(&is); }
  const std::string* string() const noexcept { return std::get_if<std::string>(&is); }
  const TimePoint* time() const noexcept { return std::get_if<TimePoint>(&is); }
};

// Python's str, as its repr writes it.
std::string quoted(const std::string& text);

}  // namespace recfast
