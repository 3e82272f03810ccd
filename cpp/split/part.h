#pragma once
// Where values lie. Each stage has a frame: f32 [rows, width], row-major; every dense value of the stage has a range of
// columns in it. The pair stage also reads the request's frame row and the stored row of its item.

#include <cstdint>
#include <vector>

#include "program/side.h"

namespace recfast::split {

// Columns [offset, offset + width) of the frame of `side`.
struct Part {
  Side side = Side::kItem;
  int64_t offset = 0;
  int64_t width = 0;
  bool operator==(const Part&) const = default;
};
using Value = std::vector<Part>;

// A range of columns as a stage reads it: of its own frame, of the request's frame row or of the stored item row.
struct Operand {
  enum class Source : uint8_t { kFrame, kRequest, kItem };
  Source source = Source::kFrame;
  int64_t offset = 0;
};

// A list of vectors, one behind the other.
struct Vectors {
  Operand at;
  int64_t count = 0;
  int64_t dim = 0;
  Operand operator[](int64_t i) const { return {at.source, at.offset + i * dim}; }
};

// An item-side range that the catalogue stores for the pair stage.
struct Stored {
  int64_t frame_offset = 0;
  int64_t store_offset = 0;
  int64_t width = 0;
};

}  // namespace recfast::split
