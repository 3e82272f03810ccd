#pragma once
// The type of a column decided once, outside of the loop: visit(at) is called once, at(row) reads a row of that type.

#include <string_view>

#include "features/column.h"

namespace recfast {

// at(row): the int64 bits of an integer or boolean row, as Column::integer_at. Other types are not visited.
template <class Visit>
void visit_integers(ColumnType type, const void* data, int64_t offset, Visit&& visit) {
  const auto typed = [&](auto zero) {
    const auto* values = static_cast<const decltype(zero)*>(data) + offset;
    visit([values](int64_t row) { return static_cast<int64_t>(values[row]); });
  };
  switch (type) {
    case ColumnType::kBoolBits:
      return visit([bits = static_cast<const uint8_t*>(data), offset](int64_t row) {
        return static_cast<int64_t>(bits[(offset + row) >> 3] >> ((offset + row) & 7) & 1);
      });
    case ColumnType::kBoolBytes:
      return visit([bytes = static_cast<const uint8_t*>(data) + offset](int64_t row) {
        return static_cast<int64_t>(bytes[row] != 0);
      });
    case ColumnType::kInt8:
      return typed(int8_t{});
    case ColumnType::kInt16:
      return typed(int16_t{});
    case ColumnType::kInt32:
      return typed(int32_t{});
    case ColumnType::kInt64:
    case ColumnType::kIntBits:
      return typed(int64_t{});
    case ColumnType::kUint8:
      return typed(uint8_t{});
    case ColumnType::kUint16:
      return typed(uint16_t{});
    case ColumnType::kUint32:
      return typed(uint32_t{});
    case ColumnType::kUint64:
      return typed(uint64_t{});
    default:
      return;
  }
}

// at(row): the bytes of a string row, as Column::string_at; a null row of views, whose view may be damaged, is empty.
template <class Visit>
void visit_strings(const Column& column, Visit&& visit) {
  const auto between = [&](auto zero) {
    const auto* offsets = static_cast<const decltype(zero)*>(column.offsets) + column.offset;
    visit([offsets, bytes = static_cast<const char*>(column.data)](int64_t row) {
      return std::string_view(bytes + offsets[row], static_cast<size_t>(offsets[row + 1] - offsets[row]));
    });
  };
  switch (column.type) {
    case ColumnType::kString32:
      return between(int32_t{});
    case ColumnType::kString64:
      return between(int64_t{});
    case ColumnType::kStringRefs:
      return visit([refs = static_cast<const std::string_view*>(column.data) + column.offset](int64_t row) {
        return refs[row];
      });
    case ColumnType::kStringView:
      return visit([&column](int64_t row) { return column.is_null(row) ? std::string_view() : column.string_at(row); });
    default:
      return;
  }
}

}  // namespace recfast
