// Arrow columns through the PyCapsule interface: no copies, no pyarrow needed.
// Source: the Arrow C data interface, C stream interface and PyCapsule interface specifications.

#include <charconv>
#include <cstring>

#include "base/error.h"
#include "python/columns.h"

namespace py = pybind11;

extern "C" {
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};
struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};
struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream*, ArrowSchema* out);
  int (*get_next)(ArrowArrayStream*, ArrowArray* out);
  const char* (*get_last_error)(ArrowArrayStream*);
  void (*release)(ArrowArrayStream*);
  void* private_data;
};
}

namespace recfast::python {
namespace {

// Owns a C struct of the interface and releases it once.
template <class T>
struct Released {
  T value{};
  Released() = default;
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;
  ~Released() {
    if (value.release != nullptr) value.release(&value);
  }
};

ColumnType type_of(std::string_view format, int64_t& list_size) {
  static constexpr std::pair<std::string_view, ColumnType> kFormats[] = {
      {"n", ColumnType::kNull},        {"b", ColumnType::kBoolBits}, {"c", ColumnType::kInt8},
      {"C", ColumnType::kUint8},       {"s", ColumnType::kInt16},    {"S", ColumnType::kUint16},
      {"i", ColumnType::kInt32},       {"I", ColumnType::kUint32},   {"l", ColumnType::kInt64},
      {"L", ColumnType::kUint64},      {"e", ColumnType::kFloat16},  {"f", ColumnType::kFloat32},
      {"g", ColumnType::kFloat64},     {"u", ColumnType::kString32}, {"z", ColumnType::kString32},
      {"U", ColumnType::kString64},    {"Z", ColumnType::kString64}, {"vu", ColumnType::kStringView},
      {"vz", ColumnType::kStringView}, {"+l", ColumnType::kList32},  {"+L", ColumnType::kList64},
      {"+m", ColumnType::kMap},        {"tdD", ColumnType::kDate},   {"tdm", ColumnType::kTimestamp},
  };
  for (const auto& [name, type] : kFormats) {
    if (format == name) return type;
  }
  if (format.starts_with("ts") && format.size() >= 4) return ColumnType::kTimestamp;
  if (format.starts_with("+w:")) {
    const std::string_view digits = format.substr(3);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), list_size);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    return whole && list_size >= 0 && list_size <= INT32_MAX ? ColumnType::kListFixed : ColumnType::kOther;
  }
  return ColumnType::kOther;
}

// "tdm", or "ts", a letter for the unit, a colon and the time zone.
void read_time(std::string_view format, Column& column) {
  constexpr std::string_view kLetters = "dsmun";
  const size_t unit = kLetters.find(format[2]);
  if (unit == std::string_view::npos || unit == 0) {
    column.type = ColumnType::kOther;
  } else {
    column.unit = static_cast<TimeUnit>(unit);
    column.zoned = format.size() > 4;
  }
}

std::string describe(const ArrowSchema& schema) {
  static constexpr std::pair<std::string_view, const char*> kNames[] = {
      {"n", "null"},         {"b", "bool"},         {"c", "int8"},         {"C", "uint8"},        {"s", "int16"},
      {"S", "uint16"},       {"i", "int32"},        {"I", "uint32"},       {"l", "int64"},        {"L", "uint64"},
      {"e", "float16"},      {"f", "float32"},      {"g", "float64"},      {"u", "string"},       {"z", "binary"},
      {"U", "large_string"}, {"Z", "large_binary"}, {"vu", "string_view"}, {"vz", "binary_view"}, {"+l", "list"},
      {"+L", "large_list"},  {"+m", "map"},         {"+s", "struct"},
  };
  if (schema.dictionary != nullptr) return "Arrow dictionary of " + describe(*schema.dictionary).substr(6);
  for (const auto& [name, word] : kNames) {
    if (schema.format == name) return std::string("Arrow ") + word;
  }
  if (std::strncmp(schema.format, "ts", 2) == 0) return "Arrow timestamp";
  if (std::strncmp(schema.format, "td", 2) == 0) return "Arrow date";
  return std::string("Arrow format '") + schema.format + "'";
}

// The buffers of one array; `owner` keeps the whole batch alive.
Column import(const ArrowSchema& schema, const ArrowArray& array, const std::shared_ptr<const void>& owner) {
  Column column;
  column.length = array.length;
  column.offset = array.offset;
  column.owner = owner;
  column.described = describe(schema);
  column.type = type_of(schema.format, column.list_size);
  if (column.type == ColumnType::kTimestamp) read_time(schema.format, column);
  const auto buffer = [&](int64_t i) -> const void* { return i < array.n_buffers ? array.buffers[i] : nullptr; };
  if (column.type != ColumnType::kNull && array.null_count != 0)
    column.validity = static_cast<const uint8_t*>(buffer(0));
  if (schema.dictionary != nullptr) {
    if (array.dictionary == nullptr) throw ValueError("an Arrow dictionary array came without its dictionary");
    column.index_type = column.type;
    column.type = ColumnType::kDictionary;
    column.data = buffer(1);
    if (column.length > 0 && column.data == nullptr) throw ValueError("an Arrow dictionary array came without indices");
    column.children.push_back(import(*schema.dictionary, *array.dictionary, owner));
    return column;
  }
  const auto child = [&](int64_t i) {
    if (array.n_children <= i || schema.n_children <= i) throw ValueError("an Arrow list came without its elements");
    return import(*schema.children[i], *array.children[i], owner);
  };
  switch (column.type) {
    case ColumnType::kString32:
    case ColumnType::kString64:
      column.offsets = buffer(1);
      column.data = buffer(2);
      break;
    case ColumnType::kStringView:
      column.data = buffer(1);
      for (int64_t i = 2; i + 1 < array.n_buffers; ++i) column.buffers.push_back(array.buffers[i]);
      break;
    case ColumnType::kList32:
    case ColumnType::kList64:
      column.offsets = buffer(1);
      column.children.push_back(child(0));
      break;
    case ColumnType::kListFixed:
      column.children.push_back(child(0));
      break;
    case ColumnType::kMap: {
      column.offsets = buffer(1);
      const Column entries = child(0);  // a struct: its offset counts for both of its children
      const ArrowSchema& pair_schema = *schema.children[0];
      const ArrowArray& pair = *array.children[0];
      if (pair.n_children != 2 || pair_schema.n_children != 2) throw ValueError("an Arrow map has no keys and values");
      for (int64_t i = 0; i < 2; ++i) {
        Column part = import(*pair_schema.children[i], *pair.children[i], owner);
        part.offset += pair.offset;
        part.length = std::min(part.length - pair.offset, pair.length);
        column.children.push_back(std::move(part));
      }
      break;
    }
    default:
      column.data = buffer(1);
      break;
  }
  // An empty array may come without buffers.
  const bool needs_offsets = column.type == ColumnType::kString32 || column.type == ColumnType::kString64 ||
                             column.type == ColumnType::kList32 || column.type == ColumnType::kList64 ||
                             column.type == ColumnType::kMap;
  if (column.length > 0 &&
      ((needs_offsets && column.offsets == nullptr) ||
       (!needs_offsets && column.data == nullptr && (column.type < ColumnType::kStringRefs || column.is_time()) &&
        column.type != ColumnType::kNull))) {
    throw ValueError("an Arrow array of " + column.described + " came without its buffers");
  }
  return column;
}

// Calls each(schema, batch) for every batch of a stream or for a single array.
template <class Each>
void for_each_batch(py::handle object, Each&& each) {
  using Batch = std::shared_ptr<Released<ArrowArray>>;
  if (py::hasattr(object, "__arrow_c_stream__")) {
    const py::capsule capsule(object.attr("__arrow_c_stream__")());
    auto* stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream"));
    if (stream == nullptr) throw py::error_already_set();
    if (stream->release == nullptr) throw ValueError("an Arrow stream was read already");
    const auto refuse = [&] {
      const char* why = stream->get_last_error(stream);
      throw ValueError(std::string("an Arrow stream failed: ") + (why != nullptr ? why : "no reason given"));
    };
    Released<ArrowSchema> schema;
    if (stream->get_schema(stream, &schema.value) != 0) refuse();
    for (int64_t count = 0;; ++count) {
      Batch batch = std::make_shared<Released<ArrowArray>>();
      if (stream->get_next(stream, &batch->value) != 0) refuse();
      if (batch->value.release == nullptr) {
        if (count == 0) each(schema.value, Batch());
        return;
      }
      each(schema.value, batch);
    }
  }
  const py::tuple pair(object.attr("__arrow_c_array__")());
  auto* schema = static_cast<ArrowSchema*>(PyCapsule_GetPointer(pair[0].ptr(), "arrow_schema"));
  if (schema == nullptr) throw py::error_already_set();
  auto* array = static_cast<ArrowArray*>(PyCapsule_GetPointer(pair[1].ptr(), "arrow_array"));
  if (array == nullptr) throw py::error_already_set();
  Batch batch = std::make_shared<Released<ArrowArray>>();
  batch->value = *array;
  array->release = nullptr;  // moved
  each(*schema, batch);
}

// Whether rows of a struct are null as a whole, beside the nulls of its columns.
bool has_nulls(const ArrowArray& array) {
  if (array.null_count == 0 || array.n_buffers < 1 || array.buffers[0] == nullptr) return false;
  Column rows;
  rows.type = ColumnType::kOther;
  rows.offset = array.offset;
  rows.validity = static_cast<const uint8_t*>(array.buffers[0]);
  for (int64_t i = 0; i < array.length; ++i) {
    if (rows.is_null(i)) return true;
  }
  return false;
}

Column empty_column(const ArrowSchema& schema) {
  Column column;
  column.type = ColumnType::kNull;
  column.described = describe(schema);
  return column;
}

}  // namespace

bool is_arrow(py::handle object) {
  return py::hasattr(object, "__arrow_c_stream__") || py::hasattr(object, "__arrow_c_array__");
}

ChunkedColumn column_from_arrow(py::handle object, const std::string& name) {
  ChunkedColumn out;
  for_each_batch(object, [&](const ArrowSchema& schema, const std::shared_ptr<Released<ArrowArray>>& batch) {
    Column column = batch ? import(schema, batch->value, batch) : empty_column(schema);
    check_structure(column, name);
    out.append(std::move(column));
  });
  return out;
}

ColumnSet table_from_arrow(py::handle object) {
  std::vector<std::string> names;
  std::vector<ChunkedColumn> columns;
  for_each_batch(object, [&](const ArrowSchema& schema, const std::shared_ptr<Released<ArrowArray>>& batch) {
    if (std::strcmp(schema.format, "+s") != 0) {
      throw TypeError("expected a table, got one " + describe(schema) + " column; give a dict of columns by name");
    }
    if (batch && batch->value.n_children != schema.n_children)
      throw ValueError("an Arrow batch has another number of columns than its schema");
    if (batch && has_nulls(batch->value))
      throw ValueError("an Arrow struct array has null rows, which say nothing of their columns; drop them first");
    columns.resize(static_cast<size_t>(schema.n_children));
    for (int64_t i = 0; i < schema.n_children; ++i) {
      const ArrowSchema& child = *schema.children[i];
      if (names.size() <= static_cast<size_t>(i)) names.emplace_back(child.name != nullptr ? child.name : "");
      Column column;
      if (batch) {
        column = import(child, *batch->value.children[i], batch);
        column.offset += batch->value.offset;
        column.length = std::min(column.length - batch->value.offset, batch->value.length);
        check_structure(column, names[static_cast<size_t>(i)]);
      } else {
        column = empty_column(child);
      }
      columns[static_cast<size_t>(i)].append(std::move(column));
    }
  });
  ColumnSet table;
  for (size_t i = 0; i < names.size(); ++i) table.add(names[i], std::move(columns[i]));
  return table;
}

}  // namespace recfast::python
