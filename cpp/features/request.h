#pragma once
// A request: one raw value per request column of an encoder. Plain values are held as they are, so that a dict of
// numbers and strings costs no column; lists, maps and rows of tables are columns of one row.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "features/column_set.h"

namespace recfast {

class Encoder;

struct RawValue {
  enum class Kind : uint8_t { kAbsent, kNull, kInt, kFloat, kString, kColumn };
  Kind kind = Kind::kAbsent;
  int64_t integer = 0;
  double number = 0.0;
  std::string_view text;  // UTF-8; lives as long as the request is used
  ChunkedColumn column;   // of one row
};

class Request {
 public:
  explicit Request(const Encoder& encoder);
  // A table of one row. Throws ValueError for other numbers of rows and for unknown columns.
  static Request from_table(const Encoder& encoder, const ColumnSet& row);

  // By place among Encoder::request_columns().
  RawValue& operator[](size_t column) noexcept { return values_[column]; }
  const RawValue& operator[](size_t column) const noexcept { return values_[column]; }

  // Throws ValueError naming the first feature whose column is absent.
  void check_complete() const;

 private:
  const Encoder* encoder_;
  std::vector<RawValue> values_;
};

// Throws ValueError for a name that is no request column.
[[noreturn]] void refuse_unknown(const Encoder& encoder, const std::string& name);

}  // namespace recfast
