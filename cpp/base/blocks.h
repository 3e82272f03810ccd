#pragma once
// Blocks: what a catalogue knows per item lies in blocks of consecutive rows. A block that is published never changes;
// versions share the blocks in which they agree.

#include <cstdint>

namespace recfast {

inline constexpr int64_t kBlockRows = 256;
// A bitmap of a block: bit r % 64 of word r / 64 is row r's.
inline constexpr int64_t kBlockWords = kBlockRows / 64;

// How many blocks hold `rows` rows.
constexpr int64_t block_count(int64_t rows) noexcept {
  return (rows + kBlockRows - 1) / kBlockRows;
}

// The bits of the first `rows` rows in word `word` of a bitmap.
constexpr uint64_t row_bits(int64_t rows, int64_t word) noexcept {
  const int64_t left = rows - word * 64;
  return left >= 64 ? ~uint64_t{0} : left <= 0 ? 0 : (uint64_t{1} << left) - 1;
}

}  // namespace recfast
