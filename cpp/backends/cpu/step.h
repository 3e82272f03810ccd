#pragma once
// A compiled program is three lists of steps, one per side. A step works on a tile of rows inside its stage's frame.
//
//   frame:   f32 [rows, stride], row-major; every dense value of the stage has a range of columns in it
//   request: per row the request's frame row, item: per row the catalogue's stored row; only the pair stage sees them

#include <cstdint>
#include <memory>
#include <vector>

#include "features/encoded.h"
#include "kernels/kernels.h"

namespace recfast::cpu {

// A range of columns: of the own frame, of the request's frame row or of the stored item row.
struct Operand {
  enum class Source : uint8_t { kFrame, kRequest, kItem };
  Source source = Source::kFrame;
  int64_t offset = 0;
};

struct Tile {
  int64_t rows = 0;
  float* frame = nullptr;
  int64_t stride = 0;
  const EncodedArray* arrays = nullptr;  // by index of the encoder's specs
  int64_t first = 0;                     // the tile's first row in the encoded arrays
  const float* const* request = nullptr;
  const float* const* item = nullptr;
  Ahead* ahead = nullptr;            // may be null
  const float** pointers = nullptr;  // scratch [2 * rows]
  float* scalars = nullptr;          // scratch [rows]

  float* at(int64_t offset) const noexcept { return frame + offset; }
  // Fills scratch area `area` (0 or 1) with a pointer to the operand of every row.
  const float* const* rows_of(const Operand& operand, int64_t area) const noexcept {
    const float** out = pointers + area * rows;
    for (int64_t r = 0; r < rows; ++r) {
      const float* base = operand.source == Operand::Source::kFrame     ? frame + r * stride
                          : operand.source == Operand::Source::kRequest ? request[r]
                                                                        : item[r];
      out[r] = base + operand.offset;
    }
    return out;
  }
};

class Step {
 public:
  virtual ~Step() = default;
  // Appends the memory that run() will gather for the tile.
  virtual void gather(const Tile&, std::vector<Memory>&) const {}
  virtual void run(const Tile& tile) const noexcept = 0;
};

using Steps = std::vector<std::unique_ptr<Step>>;

}  // namespace recfast::cpu
