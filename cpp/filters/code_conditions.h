#pragma once
// Tests of attributes that hold codes of a dictionary, and of lists: whatever is asked of the strings was asked once
// per dictionary entry, when the expression was compiled.

#include <cstdint>
#include <memory>
#include <vector>

#include "filters/condition.h"
#include "kernels/kernels.h"

namespace recfast {

// One answer per entry of a dictionary: 1 passes.
using EntryTruth = std::vector<uint8_t>;

// The code is one of a few.
class CodeCondition final : public AttributeCondition {
 public:
  CodeCondition(size_t attribute, bool negated, const KernelTable& kernels, std::vector<uint32_t> codes) noexcept
      : AttributeCondition(attribute, negated), kernels_(kernels), codes_(std::move(codes)) {}

 private:
  void match(const AttributeCells& cells, uint64_t* words) const noexcept override;

  const KernelTable& kernels_;
  std::vector<uint32_t> codes_;
};

// The entry of the code passes.
class TruthCondition final : public AttributeCondition {
 public:
  // truth: for every entry that a block can name; not empty.
  TruthCondition(size_t attribute, bool negated, std::shared_ptr<const EntryTruth> truth) noexcept
      : AttributeCondition(attribute, negated), truth_(std::move(truth)) {}

 private:
  void match(const AttributeCells& cells, uint64_t* words) const noexcept override;

  std::shared_ptr<const EntryTruth> truth_;
};

// The list has the element. T: int64 or uint32 codes.
template <class T>
class ContainsCondition final : public AttributeCondition {
 public:
  ContainsCondition(size_t attribute, bool negated, T element) noexcept
      : AttributeCondition(attribute, negated), element_(element) {}

 private:
  void match(const AttributeCells& cells, uint64_t* words) const noexcept override;

  T element_;
};

}  // namespace recfast
