#include "filters/read_columns.h"

#include <cmath>
#include <vector>

#include "base/error.h"
#include "features/feature.h"

namespace recfast {
namespace {

__extension__ using Int128 = __int128;

bool has_dictionary(AttributeType type) {
  return type == AttributeType::kString || type == AttributeType::kStringList;
}

std::optional<Attribute> attribute_of(const Column& chunk) {
  const Column& values = values_of(chunk);
  Attribute out;
  if (values.type == ColumnType::kNull) return out;
  if (values.is_bool()) {
    out.type = AttributeType::kBool;
  } else if (values.is_integer() && values.type != ColumnType::kIntBits) {
    out.type = values.type == ColumnType::kUint64 ? AttributeType::kUint : AttributeType::kInt;
  } else if (values.is_float()) {
    out.type = AttributeType::kFloat;
  } else if (values.is_time()) {
    out.type = AttributeType::kTime;
    out.unit = values.type == ColumnType::kDate ? TimeUnit::kDay : values.unit;
    out.zoned = values.zoned;
  } else if (values.is_string()) {
    out.type = AttributeType::kString;
  } else if (values.is_list()) {
    const std::optional<Attribute> element = attribute_of(values.children[0]);
    if (!element) return std::nullopt;
    if (element->type == AttributeType::kUnknown) {
      out.type = AttributeType::kUnknownList;
    } else if (element->type == AttributeType::kInt) {
      out.type = AttributeType::kIntList;
    } else if (element->type == AttributeType::kUint) {
      out.type = AttributeType::kUintList;
    } else if (element->type == AttributeType::kString) {
      out.type = AttributeType::kStringList;
    } else {
      return std::nullopt;
    }
  } else {
    return std::nullopt;
  }
  return out;
}

// The codes of a column's strings: entry by entry where it is dictionary-encoded and has more rows than entries.
class Codes {
 public:
  Codes(const Column& column, Dictionary& dictionary) : dictionary_(dictionary) {
    if (column.type == ColumnType::kDictionary && column.children[0].length <= column.length)
      known_.resize(static_cast<size_t>(column.children[0].length), kNone);
  }
  uint32_t of(const Column& values, int64_t at) {
    if (known_.empty()) return dictionary_.insert(values.string_at(at));
    uint32_t& code = known_[static_cast<size_t>(at)];
    if (code == kNone) code = dictionary_.insert(values.string_at(at));
    return code;
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  Dictionary& dictionary_;
  std::vector<uint32_t> known_;
};

// One column on its way into an attribute.
class Reader {
 public:
  // first_row: of the whole table, for messages.
  Reader(const Attribute& attribute, int64_t first_row, CellWriter& out)
      : attribute_(attribute), first_row_(first_row), out_(out) {}

  void read(const Column& chunk, int64_t first) {
    first_ = first;
    switch (attribute_.type) {
      case AttributeType::kUnknown:
        return;
      case AttributeType::kBool:
        return each(chunk, [&](const Column& values, int64_t at, int64_t row) {
          out_.set_bool(row, values.integer_at(at) != 0);
        });
      case AttributeType::kInt:
      case AttributeType::kUint:
        return each(chunk, [&](const Column& values, int64_t at, int64_t row) { out_.set(row, key(values, at, row)); });
      case AttributeType::kFloat:
        return each(chunk, [&](const Column& values, int64_t at, int64_t row) {
          const double number = values.number_at(at);
          if (values.is_integer()) check_exact(number, values, at, row);
          if (!std::isnan(number)) out_.set(row, number);
        });
      case AttributeType::kTime:
        return each(chunk,
                    [&](const Column& values, int64_t at, int64_t row) { out_.set(row, ticks(values, at, row)); });
      case AttributeType::kString: {
        Codes codes(chunk, *attribute_.dictionary);
        return each(chunk, [&](const Column& values, int64_t at, int64_t row) { out_.set(row, codes.of(values, at)); });
      }
      default:
        return read_lists(chunk);
    }
  }

 private:
  [[noreturn]] void refuse(int64_t row, const std::string& why) const {
    throw ValueError("attribute '" + attribute_.name + "': row " + std::to_string(first_row_ + row) + " holds " + why);
  }

  // visit(values, at, row of the whole column) for every row that is not null.
  template <class Visit>
  void each(const Column& chunk, Visit&& visit) const {
    if (chunk.type == ColumnType::kNull) return;
    for_each_value(chunk, [&](const Column& values, int64_t at, int64_t row) {
      if (at >= 0 && !values.is_null(at)) visit(values, at, first_ + row);
    });
  }

  // An integer as it is stored.
  int64_t key(const Column& values, int64_t at, int64_t row) const {
    const int64_t bits = values.integer_at(at);
    const bool beyond = values.beyond_int64(at);
    if (attribute_.type == AttributeType::kInt || attribute_.type == AttributeType::kIntList) {
      if (beyond) refuse(row, std::to_string(static_cast<uint64_t>(bits)) + "; the attribute is of int64");
      return bits;
    }
    if (bits < 0 && !beyond) refuse(row, std::to_string(bits) + "; the attribute is of uint64");
    return unsigned_key(static_cast<uint64_t>(bits));
  }

  void check_exact(double number, const Column& values, int64_t at, int64_t row) const {
    const int64_t bits = values.integer_at(at);
    const Int128 exact = values.beyond_int64(at) ? Int128{static_cast<uint64_t>(bits)} : Int128{bits};
    if (static_cast<Int128>(number) != exact) refuse(row, "an integer that float64, its attribute's type, cannot hold");
  }

  int64_t ticks(const Column& values, int64_t at, int64_t row) const {
    const TimeUnit unit = values.type == ColumnType::kDate ? TimeUnit::kDay : values.unit;
    int64_t out = 0;
    if (!convert_ticks(values.ticks_at(at), unit, attribute_.unit, out))
      refuse(row, "a time that " + attribute_.described() + ", its attribute's type, cannot hold");
    return out;
  }

  void read_lists(const Column& chunk) const {
    const bool strings = attribute_.type == AttributeType::kStringList;
    const Column& lists = values_of(chunk);
    if (lists.type == ColumnType::kNull) return;
    const Column& elements = lists.children[0];
    const Column& values = values_of(elements);
    std::optional<Codes> codes;
    if (strings) codes.emplace(elements, *attribute_.dictionary);
    each(chunk, [&](const Column& list, int64_t at, int64_t row) {
      const Column::Range range = list.range_at(at);
      for (int64_t i = range.begin; i < range.end; ++i) {
        if (elements.is_null(i)) continue;
        const int64_t entry = elements.type == ColumnType::kDictionary ? elements.index_at(i) : i;
        if (values.is_null(entry)) continue;
        if (strings)
          out_.add_element(codes->of(values, entry));
        else
          out_.add_element(key(values, entry, row));
      }
      out_.end_list(row);
    });
  }

  const Attribute& attribute_;
  int64_t first_row_;
  CellWriter& out_;
  int64_t first_ = 0;
};

}  // namespace

std::optional<Attribute> attribute_of(const std::string& name, const ChunkedColumn& column,
                                      const std::shared_ptr<MemoryUse>& use) {
  Attribute out;
  for (const Column& chunk : column.chunks) {
    const std::optional<Attribute> one = attribute_of(chunk);
    if (!one) return std::nullopt;
    if (one->type == AttributeType::kUnknown) continue;
    const bool same = out.type == one->type && out.unit == one->unit && out.zoned == one->zoned;
    if (!same && out.type != AttributeType::kUnknown && out.type != AttributeType::kUnknownList &&
        one->type != AttributeType::kUnknownList)
      return std::nullopt;
    if (out.type == AttributeType::kUnknown || one->type != AttributeType::kUnknownList) out = *one;
  }
  out.name = name;
  if (has_dictionary(out.type)) out.dictionary = std::make_shared<Dictionary>(use);
  return out;
}

std::string describe(const ChunkedColumn& column) {
  std::string got = "chunks of different types";
  for (const Column& chunk : column.chunks) {
    if (attribute_of(chunk)) continue;
    const Column& values = values_of(chunk);
    got = values.described;
    if (values.is_list()) got += " of " + values_of(values.children[0]).described;
    if (values.type == ColumnType::kIntBits) got = "integers below 0 beside integers of 2**63 or more";
    break;
  }
  return got;
}

Attribute joined(const Attribute& have, const Attribute& got) {
  const auto both = [&](AttributeType a, AttributeType b) {
    return (have.type == a && got.type == b) || (have.type == b && got.type == a);
  };
  if (got.type == AttributeType::kUnknown) return have;
  if (have.type == AttributeType::kUnknown) return got;
  if (have.type == AttributeType::kUnknownList && got.is_list()) return got;
  if (have.is_list() && got.type == AttributeType::kUnknownList) return have;
  const bool integers =
      both(AttributeType::kInt, AttributeType::kUint) || both(AttributeType::kIntList, AttributeType::kUintList) ||
      (have.type == AttributeType::kFloat && (got.type == AttributeType::kInt || got.type == AttributeType::kUint));
  if ((have.type == got.type && have.zoned == got.zoned) || integers) return have;
  throw TypeError("attribute '" + have.name + "' is of " + have.described() + ", the rows have " + got.described());
}

void write_column(const ChunkedColumn& column, const Attribute& attribute, int64_t first_row, CellWriter& out) {
  if (attribute.is_list()) {
    int64_t elements = 0;
    for (const Column& chunk : column.chunks) {
      if (chunk.type == ColumnType::kNull) continue;
      for_each_value(chunk, [&](const Column& lists, int64_t at, int64_t) {
        if (at < 0) return;
        const Column::Range range = lists.range_at(at);
        elements += range.end - range.begin;
      });
    }
    out.reserve_elements(elements);
  }
  Reader reader(attribute, first_row, out);
  int64_t first = 0;
  for (const Column& chunk : column.chunks) {
    reader.read(chunk, first);
    first += chunk.length;
  }
}

}  // namespace recfast
