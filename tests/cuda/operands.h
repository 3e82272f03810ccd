#pragma once
// Operands of every kind with random content: rows of a frame, one row of a request, items that an index picks.

#include <string>

#include "cuda/device.h"

namespace recfast::cuda::test {

enum class Kind { kFrame, kRequest, kItems };

class AnyOperand {
 public:
  // width: columns that will be read, from `column` on.
  AnyOperand(Kind kind, DeviceFormat format, int64_t rows, int64_t column, int64_t width)
      : column_(column),
        count_(kind == Kind::kFrame     ? rows
               : kind == Kind::kRequest ? 1
                                        : 77),
        values_(format, count_, column + width) {
    for (int64_t r = 0; r < rows; ++r)
      picked_.push_back(kind == Kind::kFrame ? static_cast<uint32_t>(r) : static_cast<uint32_t>(any_int(count_)));
    if (kind == Kind::kItems) index_ = std::make_unique<Array<uint32_t>>(picked_);
    repeats_ = kind == Kind::kRequest;
  }
  Operand device() const {
    DeviceRows rows = values_.device();
    if (repeats_) rows.row_bytes = 0;
    return {rows, index_ != nullptr ? index_->data() : nullptr, column_};
  }
  float value(int64_t r, int64_t d) const { return values_.value(picked_[static_cast<size_t>(r)], column_ + d); }

 private:
  int64_t column_;
  int64_t count_;
  Rows values_;
  std::vector<uint32_t> picked_;
  std::unique_ptr<Array<uint32_t>> index_;
  bool repeats_ = false;
};

struct OperandCase {
  Kind kind;
  DeviceFormat format;
};
inline constexpr OperandCase kOperandCases[] = {{Kind::kFrame, DeviceFormat::kF32},
                                                {Kind::kRequest, DeviceFormat::kF32},
                                                {Kind::kItems, DeviceFormat::kF32},
                                                {Kind::kItems, DeviceFormat::kF16},
                                                {Kind::kItems, DeviceFormat::kI8}};

inline std::string describe(const OperandCase& a, const OperandCase& b, int64_t rows, int64_t width, int64_t column) {
  std::string text;
  for (const OperandCase& x : {a, b})
    text += "kind " + std::to_string(static_cast<int>(x.kind)) + " format " +
            std::to_string(static_cast<int>(x.format)) + ", ";
  return text + std::to_string(rows) + " rows of " + std::to_string(width) + " from column " + std::to_string(column);
}

// Numbers of candidates.
inline std::vector<int64_t> row_counts() {
  return small() ? std::vector<int64_t>{33} : std::vector<int64_t>{0, 1, 31, 32, 33, 1000};
}

}  // namespace recfast::cuda::test
