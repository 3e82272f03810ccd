#pragma once
// Expression: an immutable tree of tests of attributes, joined by and, or, not. It knows no catalogue: names and types
// are checked when it is compiled.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "filters/value.h"

namespace recfast {

class Expression {
 public:
  using Pointer = std::shared_ptr<const Expression>;
  enum class Kind : uint8_t {
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kBetween,  // values[0] <= x <= values[1]
    kIsIn,
    kContains,
    kIsNull,
    kAll,
    kAny,
    kNot,
  };

  static Pointer test(Kind kind, std::string column, std::vector<Value> values);
  // Throw ValueError when the tree becomes deeper than kMaxDepth; a & b & c is one node.
  static Pointer all(const Pointer& a, const Pointer& b) { return join(Kind::kAll, a, b); }
  static Pointer any(const Pointer& a, const Pointer& b) { return join(Kind::kAny, a, b); }
  static Pointer negation(const Pointer& a);

  Kind kind() const noexcept { return kind_; }
  const std::string& column() const noexcept { return column_; }
  const std::vector<Value>& values() const noexcept { return values_; }
  const std::vector<Pointer>& parts() const noexcept { return parts_; }  // kAll, kAny, kNot
  // As Python writes it. Expressions of one text are the same.
  const std::string& text() const noexcept { return text_; }
  uint64_t hash() const noexcept { return hash_; }  // of the text

 private:
  static constexpr int kMaxDepth = 200;
  Expression(Kind kind, std::string column, std::vector<Value> values, std::vector<Pointer> parts, std::string text);
  static Pointer join(Kind kind, const Pointer& a, const Pointer& b);

  Kind kind_;
  int depth_ = 1;
  std::string column_;
  std::vector<Value> values_;
  std::vector<Pointer> parts_;
  std::string text_;
  uint64_t hash_;
};

// "==", "is_in", ...
const char* word_for(Expression::Kind kind) noexcept;

}  // namespace recfast
