#pragma once
// A raw column as the caller holds it: a view over Arrow-like memory, without copies where the layout allows.
//
// Lists and maps have children (list: the elements; map: keys and values); a dictionary column has its entries as its
// only child. `offset` is the first row of the view inside its buffers, as in Arrow's C data interface.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_unit.h"

namespace recfast {

enum class ColumnType : uint8_t {
  kNull,
  kBoolBits,
  kBoolBytes,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kIntBits,  // int64 bits of integers in [-2^63, 2^64), both signs; buffers[0]: the same as float64
  kFloat16,
  kFloat32,
  kFloat64,
  kString32,    // int32 offsets into one byte buffer
  kString64,    // int64 offsets
  kStringView,  // Arrow's 16-byte views with variadic buffers
  kStringRefs,  // std::string_view per row
  kList32,
  kList64,
  kListFixed,
  kMap,
  kDictionary,
  kTimestamp,  // int64 ticks of `unit` since 1970; with `zoned`, in UTC
  kDate,       // int32 days since 1970
  kOther,      // anything else; `described` says what
};

struct Column {
  ColumnType type = ColumnType::kNull;
  int64_t length = 0;
  int64_t offset = 0;
  const uint8_t* validity = nullptr;           // bit per row, least significant first; null: no row is null
  const void* data = nullptr;                  // values, string bytes, or the dictionary's indices
  const void* offsets = nullptr;               // int32 or int64 [length + 1]
  int64_t list_size = 0;                       // kListFixed: elements per row
  ColumnType index_type = ColumnType::kInt32;  // kDictionary: type of the indices
  TimeUnit unit = TimeUnit::kDay;              // kTimestamp
  bool zoned = false;                          // kTimestamp: has a time zone
  std::vector<const void*> buffers;            // kStringView: the variadic buffers; kIntBits: see there
  std::vector<Column> children;
  std::string described;              // the caller's word for the type, for messages
  std::shared_ptr<const void> owner;  // keeps the memory alive

  bool is_null(int64_t row) const noexcept {
    if (type == ColumnType::kNull) return true;
    if (validity == nullptr) return false;
    const int64_t i = offset + row;
    return ((validity[i >> 3] >> (i & 7)) & 1) == 0;
  }
  bool is_integer() const noexcept { return type >= ColumnType::kInt8 && type <= ColumnType::kIntBits; }
  bool is_bool() const noexcept { return type == ColumnType::kBoolBits || type == ColumnType::kBoolBytes; }
  bool is_float() const noexcept { return type >= ColumnType::kFloat16 && type <= ColumnType::kFloat64; }
  bool is_string() const noexcept { return type >= ColumnType::kString32 && type <= ColumnType::kStringRefs; }
  bool is_list() const noexcept { return type >= ColumnType::kList32 && type <= ColumnType::kListFixed; }

  bool is_time() const noexcept { return type == ColumnType::kTimestamp || type == ColumnType::kDate; }

  // The bits of an integer or boolean row; values above 2^63 - 1 keep their bits.
  int64_t integer_at(int64_t row) const noexcept;
  // Whether the integer of `row` is 2^63 or more.
  bool beyond_int64(int64_t row) const noexcept;
  // Any number or boolean as float64.
  double number_at(int64_t row) const noexcept;
  // The ticks of a timestamp or date row.
  int64_t ticks_at(int64_t row) const noexcept;
  std::string_view string_at(int64_t row) const noexcept;
  // Lists and maps: the rows of the children that belong to `row`; 0 rows when it is null.
  struct Range {
    int64_t begin = 0;
    int64_t end = 0;
  };
  Range range_at(int64_t row) const noexcept;
  // kDictionary: the entry of `row`. May lie outside of the dictionary when the caller's memory is damaged.
  int64_t index_at(int64_t row) const noexcept;
};

// One column of a table: chunks in order.
struct ChunkedColumn {
  std::vector<Column> chunks;
  int64_t length = 0;

  void append(Column chunk) {
    length += chunk.length;
    chunks.push_back(std::move(chunk));
  }
};

// Throws ValueError when offsets descend or leave their children, or indices leave the dictionary: first touch.
void check_structure(const Column& column, const std::string& name);

}  // namespace recfast
