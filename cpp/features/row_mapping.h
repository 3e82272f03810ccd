#pragma once
// Value -> row of a table: exact rows for a vocabulary, hashed rows for the rest, the last row for missing.
//
//   row(null)  = V + buckets
//   row(value) = place in the vocabulary, if it has one
//              = V + floor(hash(value, seed) * buckets / 2^64)   otherwise; seed = XXH64(table name, 0)

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "features/column.h"
#include "features/vocabulary.h"

namespace recfast {

enum class ValueType : uint8_t { kString, kInt };

class RowMapping {
 public:
  struct Options {
    std::string table;  // its name gives the seed
    ValueType type = ValueType::kString;
    int64_t buckets = 1;
    std::vector<std::string> strings;  // the vocabulary, one of the two
    std::vector<int64_t> ints;
  };
  explicit RowMapping(Options options);

  int64_t rows() const noexcept { return vocabulary_size_ + buckets_ + 1; }
  int64_t missing_row() const noexcept { return vocabulary_size_ + buckets_; }
  int64_t row_of(std::string_view value) const noexcept;
  int64_t row_of(int64_t value) const noexcept;
  ValueType type() const noexcept { return type_; }

  // Throws TypeError naming `feature` unless the column's values are of this mapping's type.
  void check_type(const Column& column, const std::string& feature) const;
  // out[i] = row of values[begin + i]; the type was checked; dictionaries are resolved by the caller.
  void map(const Column& values, int64_t begin, int64_t end, int64_t* out) const;

 private:
  int64_t row_of_hash(uint64_t hash) const noexcept;

  ValueType type_;
  uint64_t seed_;
  int64_t buckets_;
  int64_t vocabulary_size_;
  Vocabulary vocabulary_;
};

// Throws TypeError with the usual causes; `wanted` is "strings", "integers", "numbers", "lists of …", "maps …".
[[noreturn]] void refuse_type(const std::string& feature, const std::string& wanted, const Column& got);

}  // namespace recfast
