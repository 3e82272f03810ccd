#include "retrieval/vector_block.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/aligned.h"
#include "base/checked.h"
#include "base/error.h"
#include "base/half.h"
#include "retrieval/bounds.h"
#include "retrieval/exact_scores.h"

namespace recfast {
namespace {

constexpr float kAlways = std::numeric_limits<float>::infinity();  // a slack: scored exactly, whatever the query
constexpr size_t kRecordAlignment = 64;

int64_t groups_of(int64_t rows) noexcept {
  return (rows + kGroupRows - 1) / kGroupRows;
}

size_t codes_bytes(const VectorSpace& space, int64_t rows) noexcept {
  if (space.format == VectorFormat::kF32) return 0;
  const int64_t per_number = space.format == VectorFormat::kI8 ? 1 : 2;
  return static_cast<size_t>(groups_of(rows) * kGroupRows * padded_dim(space) * per_number);
}

bool has_scale(const VectorSpace& space) noexcept {
  return space.format != VectorFormat::kF32 || space.metric == Metric::kCosine;
}

// What a block of so many rows holds: codes, then the numbers per row.
size_t record_bytes(const VectorSpace& space, int64_t rows, bool biased) noexcept {
  const size_t per_row = sizeof(float) * (1 + (has_scale(space) ? 1 : 0) + (biased ? 1 : 0));
  const size_t bytes = codes_bytes(space, rows) + per_row * static_cast<size_t>(groups_of(rows) * kGroupRows);
  return (bytes + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
}

struct RowBound {
  float scale = 0;
  float slack = 0;
};

// Codes of one row of a group: pairs [p][8][2]. slack: the length of what they leave out.
RowBound quantise_i8(const float* x, int64_t dim, int8_t* codes) noexcept {
  float largest = 0;
  for (int64_t d = 0; d < dim; ++d) largest = std::max(largest, std::fabs(x[d]));
  const float scale = largest / 127.0f;
  const float inverse = 127.0f / largest;
  constexpr float kRound = 0x1.8p23f;  // adding it rounds to an integer, and so does any vector of additions
  double error = 0;
  for (int64_t d = 0; d < dim; ++d) {
    const float code = std::clamp((x[d] * inverse + kRound) - kRound, -127.0f, 127.0f);
    codes[d / 2 * 16 + d % 2] = static_cast<int8_t>(code);
    const double left = static_cast<double>(x[d]) - static_cast<double>(scale) * static_cast<double>(code);
    error += left * left;
  }
  return {scale, rounded_up(std::sqrt(error) * (1 + 0x1p-30))};
}

// Codes of one row of a group: [d][8], in units of a power of two, so that they lie in [-2, 2].
RowBound quantise_f16(const float* x, int64_t dim, uint16_t* codes) noexcept {
  float largest = 0;
  for (int64_t d = 0; d < dim; ++d) largest = std::max(largest, std::fabs(x[d]));
  const float scale = std::ldexp(1.0f, std::ilogb(largest));
  const float inverse = 1.0f / scale;
  double error = 0;
  for (int64_t d = 0; d < dim; ++d) {
    const uint16_t code = float_to_half(x[d] * inverse);
    codes[d * kGroupRows] = code;
    const double left =
        static_cast<double>(x[d]) - static_cast<double>(scale) * static_cast<double>(half_to_float(code));
    error += left * left;
  }
  return {scale, rounded_up(std::sqrt(error) * (1 + 0x1p-30))};
}

RowBound bound_row(const VectorSpace& space, const float* x, uint8_t* codes, int64_t row) {
  const double length = exact_length(x, space.dim);
  const bool cosine = space.metric == Metric::kCosine;
  if (length == 0) return {};
  if (length < kShortest || length > kLongest) return {0.0f, kAlways};
  RowBound out;
  switch (space.format) {
    case VectorFormat::kF32:
      return cosine ? RowBound{static_cast<float>(1 / length), 1.0f}
                    : RowBound{1.0f, rounded_up(length * (1 + 0x1p-30))};
    case VectorFormat::kF16:
      out = quantise_f16(
          x, space.dim,
          reinterpret_cast<uint16_t*>(codes) + row / kGroupRows * kGroupRows * space.dim + row % kGroupRows);
      break;
    case VectorFormat::kI8:
      out = quantise_i8(
          x, space.dim,
          reinterpret_cast<int8_t*>(codes) + row / kGroupRows * kGroupRows * padded_dim(space) + row % kGroupRows * 2);
      break;
  }
  if (!cosine) return out;
  return {static_cast<float>(static_cast<double>(out.scale) / length),
          rounded_up(static_cast<double>(out.slack) / length * (1 + 0x1p-30))};
}

void check_finite(const float* x, int64_t dim, int64_t row) {
  for (int64_t d = 0; d < dim; ++d) {
    if (std::isfinite(x[d])) continue;
    throw ValueError("vectors must be finite: row " + std::to_string(row) + " holds " + std::to_string(x[d]) +
                     " at position " + std::to_string(d));
  }
}

// Whether all are finite; the exponent of one that is not is all ones.
bool all_finite(const float* x, int64_t dim) noexcept {
  uint32_t worst = 0;
  for (int64_t d = 0; d < dim; ++d) worst = std::max(worst, std::bit_cast<uint32_t>(x[d]) & 0x7fffffffu);
  return worst < 0x7f800000u;
}

bool is_present(const VectorRows& rows, int64_t row) noexcept {
  return rows.present == nullptr || (rows.present[row / 64] >> (row % 64) & 1) != 0;
}

// record: of record_bytes, zero.
void fill_block(const VectorSpace& space, const VectorRows& rows, int64_t first, int64_t first_number, uint8_t* record,
                VectorBlock& block) {
  const int64_t lanes = groups_of(block.count) * kGroupRows;
  auto* numbers = reinterpret_cast<float*>(record + codes_bytes(space, block.count));
  float* scale = has_scale(space) ? std::exchange(numbers, numbers + lanes) : nullptr;
  float* slack = std::exchange(numbers, numbers + lanes);
  float* bias = rows.bias != nullptr ? numbers : nullptr;
  for (int64_t r = 0; r < block.count; ++r) {
    if (!is_present(rows, first + r)) continue;
    const float* x = block.rows + r * block.stride;
    if (!all_finite(x, space.dim)) check_finite(x, space.dim, first_number + first + r);
    const RowBound bound = bound_row(space, x, record, r);
    if (scale != nullptr) scale[r] = bound.scale;
    slack[r] = bound.slack;
    if (bias == nullptr) continue;
    bias[r] = rows.bias[first + r];
    if (!std::isfinite(bias[r])) {
      throw ValueError("bias must be finite: row " + std::to_string(first_number + first + r) + " has " +
                       std::to_string(bias[r]));
    }
    block.max_bias = std::max(block.max_bias, std::fabs(bias[r]));
  }
  block.codes = space.format != VectorFormat::kF32 ? record : nullptr;
  block.scale = scale;
  block.slack = slack;
  block.bias = bias;
}

}  // namespace

VectorFormat parse_vector_format(std::string_view name) {
  if (name == "f32") return VectorFormat::kF32;
  if (name == "f16") return VectorFormat::kF16;
  if (name == "i8") return VectorFormat::kI8;
  throw ValueError("dtype is \"f32\", \"f16\" or \"i8\", got \"" + std::string(name) + "\"");
}

Metric parse_metric(std::string_view name) {
  if (name == "inner_product") return Metric::kInnerProduct;
  if (name == "cosine") return Metric::kCosine;
  throw ValueError("metric is \"inner_product\" or \"cosine\", got \"" + std::string(name) + "\"");
}

VectorBlocks make_vector_blocks(const VectorSpace& space, const VectorRows& rows, int64_t first_row) {
  const int64_t blocks = block_count(rows.rows);
  const bool biased = rows.bias != nullptr;
  const size_t whole = record_bytes(space, kBlockRows, biased);
  // Blocks and their records each in one piece, in order: a scan reads memory from one end to the other.
  struct Memory {
    std::vector<VectorBlock> blocks;
    AlignedBuffer<uint8_t> records;
  };
  const auto memory = std::make_shared<Memory>();
  memory->blocks.resize(static_cast<size_t>(blocks));
  memory->records.resize(checked_mul(whole, static_cast<size_t>(blocks), "the size of the vectors"));
  VectorBlocks out;
  out.reserve(static_cast<size_t>(blocks));
  for (int64_t b = 0; b < blocks; ++b) {
    VectorBlock& block = memory->blocks[static_cast<size_t>(b)];
    const int64_t first = b * kBlockRows;
    block.rows = rows.data + first * rows.stride;
    block.stride = rows.stride;
    block.count = std::min(kBlockRows, rows.rows - first);
    block.owner = rows.owner;
    fill_block(space, rows, first, first_row, memory->records.data() + static_cast<size_t>(b) * whole, block);
    out.emplace_back(memory, &block);
  }
  return out;
}

int64_t size_bytes(const VectorSpace& space, const VectorBlock& block) noexcept {
  return static_cast<int64_t>(sizeof(VectorBlock) + record_bytes(space, block.count, block.bias != nullptr));
}

}  // namespace recfast
