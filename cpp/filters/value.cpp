#include "filters/value.h"

#include <cmath>
#include <limits>

namespace recfast {

Number Number::of(Int128 value) noexcept {
  const auto nearest = static_cast<double>(value);
  const auto back = static_cast<Int128>(nearest);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return {value, value, back > value ? std::nextafter(nearest, -kInfinity) : nearest,
          back < value ? std::nextafter(nearest, kInfinity) : nearest};
}

Number Number::of(double value) noexcept {
  constexpr double kFar = 0x1p100;
  const auto whole = [](double x) { return static_cast<Int128>(x < -kFar ? -kFar : x > kFar ? kFar : x); };
  return {whole(std::floor(value)), whole(std::ceil(value)), value, value};
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '\'' || c == '\\') {
      (out += '\\') += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr char kHex[] = "0123456789abcdef";
      ((out += "\\x") += kHex[byte >> 4]) += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out += '\'';
}

}  // namespace recfast
