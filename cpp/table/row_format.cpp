#include "table/row_format.h"

#include <limits>
#include <string>

#include "base/error.h"

namespace recfast {

std::string_view row_format_name(RowFormat format) noexcept {
  switch (format) {
    case RowFormat::kF32:
      return "f32";
    case RowFormat::kF16:
      return "f16";
    case RowFormat::kI8:
      return "i8";
    case RowFormat::kI4:
      return "i4";
  }
  return "?";
}

RowFormat parse_row_format(std::string_view name) {
  for (RowFormat format : {RowFormat::kF32, RowFormat::kF16, RowFormat::kI8, RowFormat::kI4})
    if (row_format_name(format) == name) return format;
  throw ValueError("a table's dtype is \"f32\", \"f16\", \"i8\" or \"i4\", got \"" + std::string(name) + "\"");
}

int64_t row_bytes(RowFormat format, int64_t dim) {
  constexpr int64_t kMaxDim = std::numeric_limits<int32_t>::max() / 4;
  if (dim < 1 || dim > kMaxDim)
    throw ValueError("a table's dim must be in [1, " + std::to_string(kMaxDim) + "], got " + std::to_string(dim));
  switch (format) {
    case RowFormat::kF32:
      return 4 * dim;
    case RowFormat::kF16:
      return 2 * dim;
    case RowFormat::kI8:
      return dim + 4;
    case RowFormat::kI4:
      return (dim + 1) / 2 + 4;
  }
  return 0;
}

BagKernel bag_kernel(const KernelTable& kernels, RowFormat format) noexcept {
  switch (format) {
    case RowFormat::kF32:
      return kernels.embedding_bag_f32;
    case RowFormat::kF16:
      return kernels.embedding_bag_f16;
    case RowFormat::kI8:
      return kernels.embedding_bag_i8;
    case RowFormat::kI4:
      return kernels.embedding_bag_i4;
  }
  return nullptr;
}

RowsKernel rows_kernel(const KernelTable& kernels, RowFormat format) noexcept {
  switch (format) {
    case RowFormat::kF32:
      return kernels.rows_f32;
    case RowFormat::kF16:
      return kernels.rows_f16;
    case RowFormat::kI8:
      return kernels.rows_i8;
    case RowFormat::kI4:
      return kernels.rows_i4;
  }
  return nullptr;
}

}  // namespace recfast
