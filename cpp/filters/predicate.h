#pragma once
// Predicate: an expression compiled for a schema. Immutable; it evaluates blocks of every version that it covers.

#include <cstdint>
#include <memory>
#include <vector>

#include "filters/attributes.h"
#include "filters/code_conditions.h"
#include "filters/expression.h"

namespace recfast {

class Predicate {
 public:
  // Throws ValueError for an unknown attribute, TypeError naming it, its type and the value's type when they do not go
  // together. previous: of the same expression, or null; what it knows of dictionary entries is not asked again.
  static std::shared_ptr<const Predicate> compile(const Expression& expression, const Attributes& attributes,
                                                  const Predicate* previous = nullptr);

  // Whether the blocks of this version have the schema and only dictionary entries that it was compiled for.
  bool covers(const Attributes& attributes) const noexcept;
  bool is_for(const AttributeSchema& schema) const noexcept { return schema_.get() == &schema; }
  // words: bits [kBlockWords] of the rows for which the expression is true; null is not.
  void evaluate(const AttributeBlock& block, uint64_t* words) const noexcept;

 private:
  friend class PredicateCompiler;
  Predicate() = default;

  std::shared_ptr<const AttributeSchema> schema_;
  std::vector<int64_t> entries_;                          // of each attribute's dictionary
  std::vector<std::shared_ptr<const EntryTruth>> truth_;  // in the order in which the tests were compiled
  std::unique_ptr<Condition> condition_;
};

}  // namespace recfast
