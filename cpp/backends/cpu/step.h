#pragma once
// A step of a plan, bound to this CPU's kernels. It works on a tile of rows inside its stage's frame.
//
//   frame:   f32 [rows, stride], row-major; every dense value of the stage has a range of columns in it
//   request: per row the request's frame row, item: per row the catalogue's stored row; only the pair stage sees them

#include <cstdint>
#include <memory>
#include <vector>

#include "base/arena.h"
#include "features/encoded.h"
#include "kernels/kernels.h"
#include "split/steps.h"

namespace recfast::cpu {

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
  const float* const* rows_of(const split::Operand& operand, int64_t area) const noexcept {
    using Source = split::Operand::Source;
    const float** out = pointers + area * rows;
    if (operand.source == Source::kFrame) {
      for (int64_t r = 0; r < rows; ++r) out[r] = frame + r * stride + operand.offset;
    } else {
      const float* const* from = operand.source == Source::kRequest ? request : item;
      for (int64_t r = 0; r < rows; ++r) out[r] = from[r] + operand.offset;
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

// What steps are bound to. The arena takes their weights, packed, and must outlive them; the plan need not.
struct Binding {
  const KernelTable& kernels;
  Arena& arena;
};

#define RECFAST_STEP(stem, Name) std::unique_ptr<Step> bind(const split::Name& plan, const Binding& binding);
#include "split/steps.def"
#undef RECFAST_STEP

}  // namespace recfast::cpu
