#pragma once
// Condition: a part of a compiled expression. It says which rows of a block fulfil it for certain.
//
// Negation is pushed down to the tests when an expression is compiled: in three-valued logic ~(a & b) is ~a | ~b also
// where one is null, and a null comparison stays null under ~. So every condition needs one bitmap only, the rows for
// which it is true: null and false need not be told apart.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "filters/attribute_block.h"

namespace recfast {

class Condition {
 public:
  Condition() = default;
  virtual ~Condition() = default;
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;
  // words: [kBlockWords], written whole. Bits of rows that the block does not have mean nothing.
  virtual void evaluate(const AttributeBlock& block, uint64_t* words) const noexcept = 0;
};

// A test of one attribute, or its negation: true only where the attribute is not null.
class AttributeCondition : public Condition {
 public:
  AttributeCondition(size_t attribute, bool negated) noexcept : attribute_(attribute), negated_(negated) {}
  void evaluate(const AttributeBlock& block, uint64_t* words) const noexcept final;

 protected:
  // words: [kBlockWords], written whole: the rows that pass, not negated; null rows may be anything.
  virtual void match(const AttributeCells& cells, uint64_t* words) const noexcept = 0;

 private:
  size_t attribute_;
  bool negated_;
};

class NullCondition final : public Condition {
 public:
  NullCondition(size_t attribute, bool negated) noexcept : attribute_(attribute), negated_(negated) {}
  void evaluate(const AttributeBlock& block, uint64_t* words) const noexcept override;

 private:
  size_t attribute_;
  bool negated_;
};

// Nothing passes: a string that is not in the dictionary, a test of an attribute that has no values yet.
class NothingCondition final : public AttributeCondition {
 public:
  using AttributeCondition::AttributeCondition;

 private:
  void match(const AttributeCells&, uint64_t* words) const noexcept override;
};

// All of the parts, or any of them. Stops at the first part that decides the whole block.
class JoinedCondition final : public Condition {
 public:
  JoinedCondition(bool all, std::vector<std::unique_ptr<Condition>> parts) noexcept
      : all_(all), parts_(std::move(parts)) {}
  void evaluate(const AttributeBlock& block, uint64_t* words) const noexcept override;

 private:
  bool all_;
  std::vector<std::unique_ptr<Condition>> parts_;
};

}  // namespace recfast
