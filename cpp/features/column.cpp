#include "features/column.h"

#include <algorithm>
#include <type_traits>

#include "base/error.h"
#include "base/half.h"

namespace recfast {
namespace {

template <class T>
T value_of(const void* data, int64_t i) noexcept {
  return static_cast<const T*>(data)[i];
}

bool bit_of(const void* data, int64_t i) noexcept {
  return (static_cast<const uint8_t*>(data)[i >> 3] >> (i & 7)) & 1;
}

int64_t read_integer(ColumnType type, const void* data, int64_t i) noexcept {
  switch (type) {
    case ColumnType::kBoolBits:
      return bit_of(data, i);
    case ColumnType::kBoolBytes:
      return value_of<uint8_t>(data, i) != 0;
    case ColumnType::kInt8:
      return value_of<int8_t>(data, i);
    case ColumnType::kInt16:
      return value_of<int16_t>(data, i);
    case ColumnType::kInt32:
      return value_of<int32_t>(data, i);
    case ColumnType::kInt64:
    case ColumnType::kIntBits:
      return value_of<int64_t>(data, i);
    case ColumnType::kUint8:
      return value_of<uint8_t>(data, i);
    case ColumnType::kUint16:
      return value_of<uint16_t>(data, i);
    case ColumnType::kUint32:
      return value_of<uint32_t>(data, i);
    case ColumnType::kUint64:
      return static_cast<int64_t>(value_of<uint64_t>(data, i));
    default:
      return 0;
  }
}

struct ArrowStringView {
  int32_t length;
  union {
    char inlined[12];
    struct {
      char prefix[4];
      int32_t buffer;
      int32_t offset;
    } far;
  };
};

}  // namespace

int64_t Column::integer_at(int64_t row) const noexcept {
  return read_integer(type, data, offset + row);
}

bool Column::beyond_int64(int64_t row) const noexcept {
  if (type == ColumnType::kUint64) return integer_at(row) < 0;
  return type == ColumnType::kIntBits && number_at(row) >= 0x1p63;
}

double Column::number_at(int64_t row) const noexcept {
  const int64_t i = offset + row;
  switch (type) {
    case ColumnType::kFloat16:
      return half_to_float(value_of<uint16_t>(data, i));
    case ColumnType::kFloat32:
      return value_of<float>(data, i);
    case ColumnType::kFloat64:
      return value_of<double>(data, i);
    case ColumnType::kUint64:
      return static_cast<double>(value_of<uint64_t>(data, i));
    case ColumnType::kIntBits:
      return value_of<double>(buffers[0], i);
    default:
      return static_cast<double>(read_integer(type, data, i));
  }
}

int64_t Column::ticks_at(int64_t row) const noexcept {
  return type == ColumnType::kDate ? value_of<int32_t>(data, offset + row) : value_of<int64_t>(data, offset + row);
}

std::string_view Column::string_at(int64_t row) const noexcept {
  const int64_t i = offset + row;
  switch (type) {
    case ColumnType::kString32: {
      const int32_t begin = value_of<int32_t>(offsets, i);
      const int32_t end = value_of<int32_t>(offsets, i + 1);
      return {static_cast<const char*>(data) + begin, static_cast<size_t>(end - begin)};
    }
    case ColumnType::kString64: {
      const int64_t begin = value_of<int64_t>(offsets, i);
      const int64_t end = value_of<int64_t>(offsets, i + 1);
      return {static_cast<const char*>(data) + begin, static_cast<size_t>(end - begin)};
    }
    case ColumnType::kStringView: {
      const auto& view = static_cast<const ArrowStringView*>(data)[i];
      const size_t size = static_cast<size_t>(view.length);
      if (view.length <= 12) return {view.inlined, size};
      return {static_cast<const char*>(buffers[static_cast<size_t>(view.far.buffer)]) + view.far.offset, size};
    }
    case ColumnType::kStringRefs:
      return static_cast<const std::string_view*>(data)[i];
    default:
      return {};
  }
}

Column::Range Column::range_at(int64_t row) const noexcept {
  if (is_null(row)) return {};
  const int64_t i = offset + row;
  switch (type) {
    case ColumnType::kList32:
    case ColumnType::kMap:
      return {value_of<int32_t>(offsets, i), value_of<int32_t>(offsets, i + 1)};
    case ColumnType::kList64:
      return {value_of<int64_t>(offsets, i), value_of<int64_t>(offsets, i + 1)};
    case ColumnType::kListFixed:
      return {i * list_size, (i + 1) * list_size};
    default:
      return {};
  }
}

int64_t Column::index_at(int64_t row) const noexcept {
  return read_integer(index_type, data, offset + row);
}

namespace {

// The first i in [begin, end) for which 0 <= offsets[i] <= offsets[i + 1] is not so, or -1. One pass without a branch
// for offsets that are right.
template <class T>
int64_t first_descent(const void* data, int64_t begin, int64_t end) {
  using Unsigned = std::make_unsigned_t<T>;
  const auto* offsets = static_cast<const Unsigned*>(data);
  Unsigned signs = 0;
  for (int64_t i = begin; i < end; ++i) signs |= offsets[i] | offsets[i + 1] | (offsets[i + 1] - offsets[i]);
  if (static_cast<T>(signs) >= 0) return -1;
  for (int64_t i = begin; i < end; ++i) {
    const T from = value_of<T>(data, i);
    if (from < 0 || value_of<T>(data, i + 1) < from) return i;
  }
  return -1;
}

// The check of rows [begin, end) and of what they refer to.
void check_rows(const Column& column, const std::string& name, int64_t begin, int64_t end) {
  const auto refuse = [&](int64_t row, const char* what) {
    throw ValueError("column '" + name + "': row " + std::to_string(row) + " " + what +
                     "; the column's memory is damaged");
  };
  if (column.length < 0 || column.offset < 0) refuse(0, "has a negative length or offset");
  if (column.type == ColumnType::kDictionary) {
    const Column& entries = column.children.at(0);
    // A few rows of a large dictionary: only the entries that they name, so that one row costs one row.
    const bool few = end - begin < entries.length;
    for (int64_t row = begin; row < end; ++row) {
      if (column.is_null(row)) continue;
      const int64_t index = column.index_at(row);
      if (index < 0 || index >= entries.length) refuse(row, "has a dictionary index outside of the dictionary");
      if (few) check_rows(entries, name, index, index + 1);
    }
    if (!few) check_rows(entries, name, 0, entries.length);
  } else if (column.is_list() || column.type == ColumnType::kMap) {
    int64_t children = column.children.at(0).length;
    for (const Column& child : column.children) children = std::min(children, child.length);
    Column::Range used{children, 0};
    for (int64_t row = begin; row < end; ++row) {
      const Column::Range range = column.range_at(row);
      if (range.begin < 0 || range.end < range.begin || range.end > children)
        refuse(row, "has list offsets out of range");
      if (range.begin == range.end) continue;
      used = {std::min(used.begin, range.begin), std::max(used.end, range.end)};
    }
    for (const Column& child : column.children) check_rows(child, name, used.begin, std::max(used.begin, used.end));
  } else if (column.type == ColumnType::kString32 || column.type == ColumnType::kString64) {
    const int64_t descends = column.type == ColumnType::kString64
                                 ? first_descent<int64_t>(column.offsets, column.offset + begin, column.offset + end)
                                 : first_descent<int32_t>(column.offsets, column.offset + begin, column.offset + end);
    if (descends >= 0) refuse(descends - column.offset, "has string offsets that descend");
  } else if (column.type == ColumnType::kStringView) {
    for (int64_t row = begin; row < end; ++row) {
      if (column.is_null(row)) continue;
      const auto& view = static_cast<const ArrowStringView*>(column.data)[column.offset + row];
      const bool far = view.length > 12;
      if (view.length < 0 || (far && (view.far.buffer < 0 || view.far.offset < 0 ||
                                      static_cast<size_t>(view.far.buffer) >= column.buffers.size()))) {
        refuse(row, "has a string view out of range");
      }
    }
  }
}

}  // namespace

void check_structure(const Column& column, const std::string& name) {
  check_rows(column, name, 0, column.length);
}

}  // namespace recfast
