#include "filters/expression.h"

#include <algorithm>

#include "base/error.h"
#include "hash/hash.h"

namespace recfast {
namespace {

using Kind = Expression::Kind;

bool is_operator(Kind kind) {
  return kind <= Kind::kGreaterEqual || kind == Kind::kAll || kind == Kind::kAny;
}

// In parentheses where & and ~ would bind before it.
std::string operand(const Expression& part) {
  if (!is_operator(part.kind())) return part.text();
  std::string out("(");
  return (out += part.text()) += ')';
}

std::string write(Kind kind, const std::string& column, const std::vector<Value>& values,
                  const std::vector<Expression::Pointer>& parts) {
  std::string out;
  if (kind == Kind::kNot) return (out += '~') += operand(*parts[0]);
  if (!parts.empty()) {
    for (const auto& part : parts) {
      if (!out.empty()) ((out += ' ') += word_for(kind)) += ' ';
      out += operand(*part);
    }
    return out;
  }
  ((out += "col(") += quoted(column)) += ')';
  if (is_operator(kind)) return (((out += ' ') += word_for(kind)) += ' ') += values[0].text;
  ((out += '.') += word_for(kind)) += kind == Kind::kIsIn ? "([" : "(";
  for (size_t i = 0; i < values.size(); ++i) (out += i > 0 ? ", " : "") += values[i].text;
  return out += kind == Kind::kIsIn ? "])" : ")";
}

}  // namespace

const char* word_for(Kind kind) noexcept {
  constexpr const char* kWords[] = {"==",    "!=",       "<",       "<=", ">", ">=", "between",
                                    "is_in", "contains", "is_null", "&",  "|", "~"};
  return kWords[static_cast<int>(kind)];
}

Expression::Expression(Kind kind, std::string column, std::vector<Value> values, std::vector<Pointer> parts)
    : kind_(kind),
      column_(std::move(column)),
      values_(std::move(values)),
      parts_(std::move(parts)),
      text_(write(kind, column_, values_, parts_)),
      hash_(hash_bytes(text_, 0)) {
  for (const Pointer& part : parts_) depth_ = std::max(depth_, part->depth_ + 1);
  if (depth_ > kMaxDepth) throw ValueError("the filter is nested over " + std::to_string(kMaxDepth) + " deep");
}

Expression::Pointer Expression::test(Kind kind, std::string column, std::vector<Value> values) {
  return Pointer(new Expression(kind, std::move(column), std::move(values), {}));
}

Expression::Pointer Expression::join(Kind kind, const Pointer& a, const Pointer& b) {
  std::vector<Pointer> parts;
  for (const Pointer& side : {a, b}) {
    if (side->kind_ == kind)
      parts.insert(parts.end(), side->parts_.begin(), side->parts_.end());
    else
      parts.push_back(side);
  }
  return Pointer(new Expression(kind, {}, {}, std::move(parts)));
}

Expression::Pointer Expression::negation(const Pointer& a) {
  if (a->kind_ == Kind::kNot) return a->parts_[0];
  return Pointer(new Expression(Kind::kNot, {}, {}, {a}));
}

}  // namespace recfast
