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

std::string write(Kind kind, const std::string& column, const std::vector<Value>& values) {
  std::string out("col(");
  (out += quoted(column)) += ')';
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

Expression::Expression(Kind kind, std::string column, std::vector<Value> values, std::vector<Pointer> parts,
                       std::string text)
    : kind_(kind),
      column_(std::move(column)),
      values_(std::move(values)),
      parts_(std::move(parts)),
      text_(std::move(text)),
      hash_(hash_bytes(text_, 0)) {
  for (const Pointer& part : parts_) depth_ = std::max(depth_, part->depth_ + 1);
  if (depth_ > kMaxDepth) throw ValueError("the filter is nested over " + std::to_string(kMaxDepth) + " deep");
}

Expression::Pointer Expression::test(Kind kind, std::string column, std::vector<Value> values) {
  std::string text = write(kind, column, values);
  return Pointer(new Expression(kind, std::move(column), std::move(values), {}, std::move(text)));
}

Expression::Pointer Expression::join(Kind kind, const Pointer& a, const Pointer& b) {
  std::vector<Pointer> parts;
  std::string text;  // of both sides: a chain of many is not written anew with every one that joins it
  for (const Pointer& side : {a, b}) {
    const bool flat = side->kind_ == kind;
    if (!text.empty()) ((text += ' ') += word_for(kind)) += ' ';
    text += flat ? side->text_ : operand(*side);
    if (flat)
      parts.insert(parts.end(), side->parts_.begin(), side->parts_.end());
    else
      parts.push_back(side);
  }
  return Pointer(new Expression(kind, {}, {}, std::move(parts), std::move(text)));
}

Expression::Pointer Expression::negation(const Pointer& a) {
  if (a->kind_ == Kind::kNot) return a->parts_[0];
  std::string text("~");
  return Pointer(new Expression(Kind::kNot, {}, {}, {a}, std::move(text += operand(*a))));
}

}  // namespace recfast
