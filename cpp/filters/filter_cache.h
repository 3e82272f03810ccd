#pragma once
// FilterCache: what expressions evaluate to, for the versions of one catalogue. Bounded: an expression that was not
// used for long makes place for a new one. Shared by threads without a lock; two that miss at once both evaluate.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "base/published.h"
#include "filters/eligible.h"
#include "filters/expression.h"

namespace recfast {

class FilterCache {
 public:
  static constexpr size_t kExpressions = 64;

  FilterCache() = default;
  FilterCache(const FilterCache&) = delete;
  FilterCache& operator=(const FilterCache&) = delete;

  // The eligible rows of a version. A result for an older version serves the blocks that both have. Throws as
  // Predicate::compile.
  std::shared_ptr<const Eligible> get(const Expression::Pointer& expression, const Attributes& attributes);
  // Lets go of what was compiled for another schema, and with it of strings that no version needs any more.
  void keep_only(const AttributeSchema& schema);

 private:
  struct Entry {
    Expression::Pointer expression;
    std::shared_ptr<const Predicate> predicate;
    std::shared_ptr<const Eligible> eligible;
  };
  struct Slot {
    std::atomic<uint64_t> hash{0};  // of the entry's text, a hint: the entry decides
    std::atomic<uint64_t> used{0};  // by the clock
    Published<const Entry> entry{std::shared_ptr<const Entry>()};
  };
  Slot* find(const Expression& expression, std::shared_ptr<const Entry>& entry) noexcept;
  Slot* oldest() noexcept;

  std::array<Slot, kExpressions> slots_;
  std::atomic<uint64_t> clock_{0};  // counts the uses
};

}  // namespace recfast
