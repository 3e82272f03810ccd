#pragma once
// What the stages of a split program compute, as data: one struct per line of steps.def. A step reads and writes ranges
// of columns for every row of its stage; numbers named x, y, out, sum, term are columns of the stage's own frame,
// `array` is an index into the encoder's arrays. Weights and tables are the program's, which must outlive the plan.

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "program/program.h"
#include "split/part.h"

namespace recfast::split {

// frame[out ..] = an encoded dense array [width]
struct Input {
  int64_t array = 0;
  int64_t width = 0;
  int64_t out = 0;
};

// frame[out ..] = from [width]
struct Copy {
  Operand from;
  int64_t width = 0;
  int64_t out = 0;
};

// frame[out ..] = the table's row of an encoded id
struct Rows {
  const Table* table = nullptr;
  int64_t array = 0;
  int64_t out = 0;
};

// frame[out ..] = the pooled rows of an encoded bag; those of a weighted bag each with its factor
struct EmbeddingBag {
  const Table* table = nullptr;
  Pooling pooling = Pooling::kSum;
  int64_t array = 0;
  int64_t out = 0;
};

// frame[out ..] = sum over the ids of an encoded bag of factor * the sparse row of the id, entries->rows wide: it has
// entries[id, j] at columns[id, j]
struct SparseBag {
  const Weight* entries = nullptr;
  const Indices* columns = nullptr;
  int64_t array = 0;
  int64_t out = 0;
};

// frame[y ..] = act(bias + W frame[x ..] [+ frame[y ..] where it accumulates])
struct Linear {
  // Columns [first, first + width) of the weight.
  struct Columns {
    int64_t first = 0;
    int64_t width = 0;
  };
  const Weight* weight = nullptr;
  std::vector<Columns> columns;  // W: these, side by side
  const Weight* bias = nullptr;  // [out] or null
  int64_t in = 0;
  int64_t out = 0;
  int64_t x = 0;
  int64_t y = 0;
  bool accumulate = false;
  bool relu = false;

  // f32 [out, in].
  std::vector<float> gathered() const;
};

// frame[out ..] = act(a + b) [width]; without b a copy with activation
struct JoinRows {
  Operand a;
  std::optional<Operand> b;
  bool relu = false;
  int64_t width = 0;
  int64_t out = 0;
};

// frame[sum ..] = sum over fields of x_f [dim], frame[term] = sum over pairs f < g of x_f . x_g
struct Fm {
  int64_t fields = 0;
  int64_t dim = 0;
  int64_t x = 0;
  int64_t sum = 0;
  int64_t term = 0;
};

// frame[term] += a . b [dim]
struct AddDot {
  Operand a;
  Operand b;
  int64_t dim = 0;
  int64_t term = 0;
};

// frame[y + k * padded(lanes) + i] = frame[x + i * dim + k] for i < lanes, 0 behind them: vectors, transposed and
// padded to whole registers of 8
struct Transpose {
  static constexpr int64_t padded(int64_t lanes) noexcept { return (lanes + 7) / 8 * 8; }
  int64_t lanes = 0;
  int64_t dim = 0;
  int64_t x = 0;
  int64_t y = 0;
};

// frame[y + j * step + i] = left[i] . right[j], `lanes` left vectors as Transpose leaves them
struct DotBlock {
  Operand left;
  int64_t lanes = 0;
  Vectors right;
  int64_t y = 0;
  int64_t step = 0;
};

// frame[y + j * step] = left . right[j]
struct DotVectors {
  Operand left;
  Vectors right;
  int64_t y = 0;
  int64_t step = 1;
};

// frame[out ..] = frame[x0 ..] * frame[z ..] + frame[xl ..], elementwise
struct Cross {
  int64_t x0 = 0;
  int64_t z = 0;
  int64_t xl = 0;
  int64_t width = 0;
  int64_t out = 0;
};

// frame[out ..] = gain * frame[x ..] / max(its length, kShortest)
struct Normalise {
  static constexpr float kShortest = 1e-12f;
  int64_t x = 0;
  const Weight* gain = nullptr;  // [width] or null: ones
  int64_t width = 0;
  int64_t out = 0;
};

// frame[out] = an encoded id. Widths end far below 2^24, up to which f32 holds them exactly.
struct Id {
  int64_t array = 0;
  int64_t out = 0;
};

// frame[out] = x[id]
struct Pick {
  Operand x;
  Operand id;
  int64_t out = 0;
};

template <class, class... Kinds>
struct OneOf {
  using Type = std::variant<Kinds...>;
};
using Step = OneOf<void
#define RECFAST_STEP(stem, Name) , Name
#include "split/steps.def"
#undef RECFAST_STEP
                   >::Type;

// The stem of its kind.
const char* step_name(const Step& step) noexcept;

}  // namespace recfast::split
