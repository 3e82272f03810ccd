#pragma once
// The words that programs, features and executors share: the side of a value, and the form of an input.

#include <cstdint>

namespace recfast {

// request: the same for all candidates; item: known when the catalogue is built; pair: needs both.
enum class Side : uint8_t { kRequest, kItem, kPair };

// kIds: one row of a table per record; kBag: several; kWeightedBag: several, each with a factor; kDense: f32 numbers.
enum class InputKind : uint8_t { kIds, kBag, kWeightedBag, kDense };

constexpr bool is_bag(InputKind kind) noexcept {
  return kind == InputKind::kBag || kind == InputKind::kWeightedBag;
}

}  // namespace recfast
