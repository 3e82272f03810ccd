#pragma once
// Vectors in blocks of kBlockRows rows. A block knows where the f32 rows are (it does not copy them), and holds what a
// scan reads in their place: codes, and per row two numbers that bound what the codes leave out.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/blocks.h"

namespace recfast {

enum class VectorFormat : uint8_t { kF32, kF16, kI8 };  // of what is scanned
enum class Metric : uint8_t { kInnerProduct, kCosine };

// Throw ValueError for any other name.
VectorFormat parse_vector_format(std::string_view name);
Metric parse_metric(std::string_view name);

// What all blocks of one set have in common.
struct VectorSpace {
  static constexpr int64_t kMaxDim = 65536;  // an int32 holds the sums of products of codes

  VectorFormat format = VectorFormat::kI8;
  Metric metric = Metric::kInnerProduct;
  int64_t dim = 0;  // in [1, kMaxDim]
};

// f32 rows where they are: [rows, dim], `stride` floats apart, and a bias per row (null: none).
struct VectorRows {
  const float* data = nullptr;
  int64_t stride = 0;
  int64_t rows = 0;
  const float* bias = nullptr;
  const uint64_t* present =
      nullptr;  // bit r: row r is there; null: all are. Nothing is asked of the others, nor bounded
  std::shared_ptr<const void> owner;  // keeps the rows alive; the bias is copied
};

struct VectorBlock {
  const float* rows = nullptr;
  int64_t stride = 0;
  int64_t count = 0;               // rows, at most kBlockRows
  const uint8_t* codes = nullptr;  // as kernel scan_i8 or scan_f16 reads them; null: the rows are scanned
  // f32, whole groups; a row that is not there has zeros. See bounds.h.
  const float* scale = nullptr;  // null: 1
  const float* slack = nullptr;
  const float* bias = nullptr;        // null: 0
  float max_bias = 0;                 // largest |bias|
  std::shared_ptr<const void> owner;  // of the rows
};

using VectorBlocks = std::vector<std::shared_ptr<const VectorBlock>>;

// All rows in blocks; what the blocks hold lies in one piece of memory. first_row: the number of the first row, for
// messages. Throws ValueError naming the first row, and its place, that holds NaN or infinity.
VectorBlocks make_vector_blocks(const VectorSpace& space, const VectorRows& rows, int64_t first_row = 0);

// Bytes that the block holds beside the rows.
int64_t size_bytes(const VectorSpace& space, const VectorBlock& block) noexcept;

}  // namespace recfast
