#include "filters/predicate.h"

#include <algorithm>

#include "base/error.h"
#include "filters/ranges.h"
#include "kernels/cpu/dispatch.h"

namespace recfast {

namespace {

using Kind = Expression::Kind;

// Up to here codes are compared with each one; beyond, every entry's answer is looked up.
constexpr size_t kFewCodes = 4;

const char* hint(const Attribute& attribute, Kind kind, const Value* value) {
  if (kind == Kind::kContains) return attribute.is_list() ? "" : "; contains is for lists: use == or is_in";
  if (attribute.is_list()) return "; lists are asked by contains and is_null";
  if (attribute.type != AttributeType::kTime || value == nullptr || !value->time()) return "";
  return attribute.zoned ? "; give a datetime with a tzinfo" : "; give a datetime without a tzinfo";
}

bool passes(Kind kind, std::string_view entry, const std::vector<Value>& values) {
  const std::string& value = *values.front().string();
  switch (kind) {
    case Kind::kLess:
      return entry < value;
    case Kind::kLessEqual:
      return entry <= value;
    case Kind::kGreater:
      return entry > value;
    case Kind::kGreaterEqual:
      return entry >= value;
    default:
      return entry >= value && entry <= *values.back().string();
  }
}

}  // namespace

class PredicateCompiler {
 public:
  PredicateCompiler(const Attributes& attributes, const Predicate* previous, Predicate& out)
      : schema_(attributes.schema()), out_(out) {
    out_.schema_ = attributes.shared_schema();
    if (previous != nullptr && previous->schema_ == out_.schema_) previous_ = previous;
    // As many as there are by now: this version's entries, and some of the next one's at most.
    for (const Attribute& attribute : schema_.attributes())
      out_.entries_.push_back(attribute.dictionary ? attribute.dictionary->size() : 0);
  }

  std::unique_ptr<Condition> compile(const Expression& expression, bool negated) {
    const Kind kind = expression.kind();
    if (kind == Kind::kNot) return compile(*expression.parts()[0], !negated);
    if (kind == Kind::kAll || kind == Kind::kAny) {
      std::vector<std::unique_ptr<Condition>> parts;
      for (const auto& part : expression.parts()) parts.push_back(compile(*part, negated));
      return std::make_unique<JoinedCondition>((kind == Kind::kAll) != negated, std::move(parts));
    }
    const size_t at = schema_.index_of(expression.column());
    if (kind == Kind::kIsNull) return std::make_unique<NullCondition>(at, negated);
    check_types(at, expression);
    if (kind == Kind::kNotEqual) return test(at, Kind::kEqual, expression.values(), !negated);
    return test(at, kind, expression.values(), negated);
  }

 private:
  void check_types(size_t at, const Expression& expression) const {
    const Attribute& attribute = schema_[at];
    const auto refuse = [&](const Value* value) {
      throw TypeError("attribute '" + attribute.name + "' is of " + attribute.described() + ": " +
                      word_for(expression.kind()) + (value != nullptr ? " " + value->type : "") + " is not for it" +
                      hint(attribute, expression.kind(), value) + schema_.listed());
    };
    const bool lists = attribute.is_list();
    if (attribute.type != AttributeType::kUnknown && lists != (expression.kind() == Kind::kContains))
      refuse(expression.values().empty() ? nullptr : expression.values().data());
    for (const Value& value : expression.values()) {
      bool fits = true;
      if (attribute.is_number() || attribute.type == AttributeType::kIntList ||
          attribute.type == AttributeType::kUintList) {
        fits = value.number() != nullptr;
      } else if (attribute.type == AttributeType::kString || attribute.type == AttributeType::kStringList) {
        fits = value.string() != nullptr;
      } else if (attribute.type == AttributeType::kTime) {
        fits = value.time() != nullptr && value.time()->zoned == attribute.zoned;
      }
      if (!fits) refuse(&value);
    }
  }

  std::unique_ptr<Condition> test(size_t at, Kind kind, const std::vector<Value>& values, bool negated) {
    const Attribute& attribute = schema_[at];
    switch (attribute.type) {
      case AttributeType::kBool:
        return std::make_unique<BoolCondition>(at, negated, holds(attribute, kind, values, 0),
                                               holds(attribute, kind, values, 1));
      case AttributeType::kInt:
      case AttributeType::kUint:
      case AttributeType::kTime:
        if (kind != Kind::kIsIn)
          return std::make_unique<RangeCondition<int64_t>>(at, negated, kernels_,
                                                           integer_range(attribute, kind, values));
        return std::make_unique<SetCondition<int64_t>>(at, negated, kernels_, keys(attribute, values));
      case AttributeType::kFloat: {
        if (kind != Kind::kIsIn)
          return std::make_unique<RangeCondition<double>>(at, negated, kernels_, float_range(kind, values));
        std::vector<double> exact;
        for (const Value& value : values) {
          if (value.number()->float_below == value.number()->float_above) exact.push_back(value.number()->float_below);
        }
        return std::make_unique<SetCondition<double>>(at, negated, kernels_, std::move(exact));
      }
      case AttributeType::kString:
        return test_strings(at, kind, values, negated);
      case AttributeType::kIntList:
      case AttributeType::kUintList: {
        const std::vector<int64_t> key = keys(attribute, values);
        if (key.empty()) break;
        return std::make_unique<ContainsCondition<int64_t>>(at, negated, key.front());
      }
      case AttributeType::kStringList: {
        const std::vector<uint32_t> code = codes(at, values);
        if (code.empty()) break;
        return std::make_unique<ContainsCondition<uint32_t>>(at, negated, code.front());
      }
      default:
        break;
    }
    return std::make_unique<NothingCondition>(at, negated);
  }

  // Of the values, those that the attribute can hold, as it holds them.
  static std::vector<int64_t> keys(const Attribute& attribute, const std::vector<Value>& values) {
    std::vector<int64_t> out;
    for (const Value& value : values) {
      const Range<int64_t> range = integer_range(attribute, Kind::kEqual, {value});
      if (range.low == range.high) out.push_back(range.low);
    }
    return out;
  }

  static bool holds(const Attribute& attribute, Kind kind, const std::vector<Value>& values, int64_t flag) {
    if (kind == Kind::kIsIn) {
      const std::vector<int64_t> wanted = keys(attribute, values);
      return std::find(wanted.begin(), wanted.end(), flag) != wanted.end();
    }
    const Range<int64_t> range = integer_range(attribute, kind, values);
    return range.low <= flag && flag <= range.high;
  }

  std::vector<uint32_t> codes(size_t at, const std::vector<Value>& values) const {
    std::vector<uint32_t> out;
    for (const Value& value : values) {
      const int64_t code = schema_[at].dictionary->find(*value.string());
      if (code >= 0 && code < out_.entries_[at]) out.push_back(static_cast<uint32_t>(code));
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  std::unique_ptr<Condition> test_strings(size_t at, Kind kind, const std::vector<Value>& values, bool negated) {
    const auto entries = static_cast<size_t>(out_.entries_[at]);
    if (entries == 0) return std::make_unique<NothingCondition>(at, negated);
    if (kind == Kind::kEqual || kind == Kind::kIsIn) {
      std::vector<uint32_t> wanted = codes(at, values);
      if (wanted.empty()) return std::make_unique<NothingCondition>(at, negated);
      if (wanted.size() <= kFewCodes) return std::make_unique<CodeCondition>(at, negated, kernels_, std::move(wanted));
      auto truth = std::make_shared<EntryTruth>(entries);
      for (const uint32_t code : wanted) (*truth)[code] = 1;
      return std::make_unique<TruthCondition>(at, negated, std::move(truth));
    }
    const Dictionary& dictionary = *schema_[at].dictionary;
    const size_t place = out_.truth_.size();
    auto truth = std::make_shared<EntryTruth>();
    truth->reserve(entries);
    if (previous_ != nullptr && place < previous_->truth_.size()) *truth = *previous_->truth_[place];
    for (size_t code = truth->size(); code < entries; ++code)
      truth->push_back(passes(kind, dictionary.at(static_cast<uint32_t>(code)), values));
    out_.truth_.push_back(truth);
    return std::make_unique<TruthCondition>(at, negated, std::move(truth));
  }

  const AttributeSchema& schema_;
  Predicate& out_;
  const Predicate* previous_ = nullptr;
  const KernelTable& kernels_ = kernels();
};

std::shared_ptr<const Predicate> Predicate::compile(const Expression& expression, const Attributes& attributes,
                                                    const Predicate* previous) {
  std::shared_ptr<Predicate> out(new Predicate());
  out->condition_ = PredicateCompiler(attributes, previous, *out).compile(expression, false);
  return out;
}

bool Predicate::covers(const Attributes& attributes) const noexcept {
  if (attributes.shared_schema() != schema_) return false;
  for (size_t a = 0; a < entries_.size(); ++a) {
    if (attributes.entries(a) > entries_[a]) return false;
  }
  return true;
}

void Predicate::evaluate(const AttributeBlock& block, uint64_t* words) const noexcept {
  condition_->evaluate(block, words);
  for (int64_t w = 0; w < kBlockWords; ++w) words[w] &= row_bits(block.rows(), w);
}

}  // namespace recfast
