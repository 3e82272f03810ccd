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
  throw ValueError("unknown attribute '" + name + "'; the attributes that there are: " + list_names(names()));
}

std::vector<std::string> AttributeSchema::names() const {
  std::vector<std::string> names;
  for (const Attribute& attribute : attributes_) names.push_back(attribute.name);
  return names;
}

}  // namespace recfast
