#pragma once
// What an op's check sees: the node as written, its inputs, the parameters. A check returns the width of the output.

#include <string>
#include <vector>

#include "base/error.h"
#include "program/program.h"

namespace recfast {

struct OpCheck {
  const OpNode& node;
  const OpText& text;
  const std::vector<Slot>& slots;
  const Parameters& parameters;

  [[noreturn]] void refuse(const std::string& what) const {
    throw ValueError("op '" + text.op + "' -> '" + text.output + "': " + what);
  }
  const Slot& input(size_t i) const { return slots[static_cast<size_t>(node.inputs[i])]; }
  size_t count() const noexcept { return node.inputs.size(); }

  void expect_count(size_t low, size_t high) const {
    if (count() < low || count() > high)
      refuse("expected " + std::to_string(low) + " inputs or more, got " + std::to_string(count()));
  }
  void expect_dense() const {
    for (size_t i = 0; i < count(); ++i) {
      if (input(i).kind != InputKind::kDense) refuse("the input '" + input(i).name + "' is not dense");
    }
  }
  void expect_equal_widths() const {
    for (size_t i = 1; i < count(); ++i) {
      if (input(i).width != input(0).width) {
        refuse("the inputs '" + input(0).name + "' and '" + input(i).name + "' are " + std::to_string(input(0).width) +
               " and " + std::to_string(input(i).width) + " wide; they must be equal");
      }
    }
  }
  const Weight& weight(const std::string& name) const {
    const auto found = parameters.weights.find(name);
    if (found == parameters.weights.end()) refuse("the weight '" + name + "' is missing");
    return found->second;
  }
  // A matrix [rows, columns].
  const Weight& matrix(const std::string& name, int64_t columns) const {
    const Weight& found = weight(name);
    if (found.is_vector || found.columns != columns || found.rows < 1) {
      refuse("the weight '" + name + "' is [" + std::to_string(found.rows) + ", " + std::to_string(found.columns) +
             "], expected a matrix with " + std::to_string(columns) + " columns");
    }
    return found;
  }
  void expect_bias(const std::string& name, int64_t length) const { expect_vector(name, length, "bias"); }
  // A vector that may be absent; `what` says what it is.
  void expect_vector(const std::string& name, int64_t length, const std::string& what) const {
    if (name.empty()) return;
    const Weight& found = weight(name);
    if (!found.is_vector || found.columns != length) {
      refuse("the " + what + " '" + name + "' has " + std::to_string(found.columns) + " entries, expected " +
             std::to_string(length));
    }
  }
};

}  // namespace recfast
