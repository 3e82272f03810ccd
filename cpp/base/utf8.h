#pragma once
// Whether bytes are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
// Source: The Unicode Standard, table 3-7.

#include <cstdint>
#include <string_view>

namespace recfast {

constexpr bool is_utf8(std::string_view text) noexcept {
  const auto at = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  const auto continues = [&](size_t i) { return (at(i) & 0xc0) == 0x80; };
  for (size_t i = 0; i < text.size();) {
    const uint8_t first = at(i);
    const uint8_t second = at(i + 1);
    if (first < 0x80) {
      i += 1;
    } else if (first >= 0xc2 && first <= 0xdf && continues(i + 1)) {
      i += 2;
    } else if ((first & 0xf0) == 0xe0 && continues(i + 1) && continues(i + 2) && (first != 0xe0 || second >= 0xa0) &&
               (first != 0xed || second < 0xa0)) {
      i += 3;
    } else if (first >= 0xf0 && first <= 0xf4 && continues(i + 1) && continues(i + 2) && continues(i + 3) &&
               (first != 0xf0 || second >= 0x90) && (first != 0xf4 || second < 0x90)) {
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace recfast
