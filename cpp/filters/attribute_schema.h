#pragma once
// What the attributes of a catalogue are: names, types, and the dictionaries of those that hold strings.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/time_unit.h"
#include "filters/dictionary.h"

namespace recfast {

enum class AttributeType : uint8_t {
  kUnknown,  // nothing but nulls so far
  kBool,
  kInt,
  kUint,  // integers in [0, 2^64)
  kFloat,
  kTime,  // int64 ticks
  kString,
  kUnknownList,  // nothing but empty lists and nulls so far
  kIntList,
  kUintList,
  kStringList,
};

// Unsigned integers are stored as int64 that have the same order.
constexpr int64_t unsigned_key(uint64_t value) noexcept {
  return static_cast<int64_t>(value ^ (uint64_t{1} << 63));
}

struct Attribute {
  std::string name;
  AttributeType type = AttributeType::kUnknown;
  TimeUnit unit = TimeUnit::kDay;          // kTime
  bool zoned = false;                      // kTime: in UTC, else as a clock shows it
  std::shared_ptr<Dictionary> dictionary;  // kString, kStringList

  bool is_list() const noexcept { return type >= AttributeType::kUnknownList; }
  bool is_number() const noexcept { return type >= AttributeType::kBool && type <= AttributeType::kFloat; }
  // Bytes of a value, or of a list's element. Booleans are bits, kBlockWords words per block.
  int64_t value_bytes() const noexcept {
    return type == AttributeType::kString || type == AttributeType::kStringList ? 4 : 8;
  }
  // "int64", "datetime64[us, UTC]", "list of strings": for messages.
  std::string described() const;
};

// Throws TypeError: the column cannot be an attribute. `remedy` ends the message.
[[noreturn]] void refuse_attribute(const std::string& name, const std::string& described,
                                   const std::string& remedy = {});

class AttributeSchema {
 public:
  // A column that cannot be an attribute, and what it holds.
  struct Other {
    std::string name;
    std::string described;
  };

  // use: what dictionaries and blocks of these attributes are counted in, or null.
  AttributeSchema(std::vector<Attribute> attributes, std::vector<Other> others, std::shared_ptr<MemoryUse> use)
      : attributes_(std::move(attributes)), others_(std::move(others)), use_(std::move(use)) {}

  const std::vector<Attribute>& attributes() const noexcept { return attributes_; }
  size_t size() const noexcept { return attributes_.size(); }
  const Attribute& operator[](size_t i) const noexcept { return attributes_[i]; }
  const std::vector<Other>& others() const noexcept { return others_; }
  const std::shared_ptr<MemoryUse>& use() const noexcept { return use_; }
  // Throws ValueError, or TypeError for a column that cannot be an attribute; both list the attributes that there are.
  size_t index_of(const std::string& name) const;
  // "; the attributes that there are: 'a', 'b'", the end of a message.
  std::string listed() const;

 private:
  std::vector<Attribute> attributes_;
  std::vector<Other> others_;
  std::shared_ptr<MemoryUse> use_;
};

}  // namespace recfast
