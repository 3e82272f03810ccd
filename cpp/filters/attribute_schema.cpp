#include "filters/attribute_schema.h"

#include "base/error.h"
#include "features/column_set.h"

namespace recfast {

std::string Attribute::described() const {
  switch (type) {
    case AttributeType::kUnknown:
      return "null";
    case AttributeType::kBool:
      return "bool";
    case AttributeType::kInt:
      return "int64";
    case AttributeType::kUint:
      return "uint64";
    case AttributeType::kFloat:
      return "float64";
    case AttributeType::kTime:
      return std::string("datetime64[") + word_for(unit) + (zoned ? ", UTC]" : "]");
    case AttributeType::kString:
      return "string";
    case AttributeType::kUnknownList:
      return "list of null";
    case AttributeType::kIntList:
      return "list of int64";
    case AttributeType::kUintList:
      return "list of uint64";
    case AttributeType::kStringList:
      return "list of string";
  }
  return {};
}

size_t AttributeSchema::index_of(const std::string& name) const {
  for (size_t i = 0; i < attributes_.size(); ++i) {
    if (attributes_[i].name == name) return i;
  }
  for (const Other& other : others_) {
    if (other.name == name) refuse_attribute(name, other.described, listed());
  }
  throw ValueError("unknown attribute '" + name + "'" + listed());
}

std::string AttributeSchema::listed() const {
  std::vector<std::string> names;
  for (const Attribute& attribute : attributes_) names.push_back(attribute.name);
  return "; the attributes that there are: " + list_names(names);
}

void refuse_attribute(const std::string& name, const std::string& described, const std::string& remedy) {
  throw TypeError("attribute '" + name +
                  "': expected booleans, numbers, strings, timestamps, or lists of integers or strings, got " +
                  described + remedy);
}

}  // namespace recfast
