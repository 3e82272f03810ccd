#pragma once
// numeric: values[row] = f32(transforms(x[row])), 0 where missing; indicator[row] = 1 where missing.
// Null, NaN and infinity are missing, and so is a result that float32 cannot hold.

#include "features/feature.h"
#include "features/transform.h"

namespace recfast {

// The transforms and the optional indicator: shared by every kind that gives a number.
class NumericOutput {
 public:
  NumericOutput(std::vector<TransformStep> transform, bool indicator)
      : transform_(std::move(transform)), indicator_(indicator) {}
  bool has_indicator() const noexcept { return indicator_; }
  // Returns the value; `missing` (may be null) receives 0 or 1. NaN means missing.
  float value(double x, float* missing) const noexcept;

 private:
  std::vector<TransformStep> transform_;
  bool indicator_;
};

// Plain values that are numbers, or null.
constexpr bool is_number(RawValue::Kind kind) noexcept {
  return kind == RawValue::Kind::kNull || kind == RawValue::Kind::kInt || kind == RawValue::Kind::kFloat;
}
// Such a value as float64, NaN where null.
double number_of(const RawValue& value) noexcept;

class NumericFeature final : public Feature {
 public:
  NumericFeature(std::string name, Side side, NumericOutput output) : Feature(std::move(name), side), output_(output) {
    give_dense(this->name());
    if (output_.has_indicator()) give_dense(this->name() + "_missing");
  }
  void encode(const ColumnSet& columns, std::span<EncodedArray> out) const override;
  bool takes(RawValue::Kind kind) const noexcept override { return is_number(kind); }
  void encode_value(const RawValue& value, std::span<EncodedArray> out) const noexcept override;

 private:
  NumericOutput output_;
};

// A number column as float64 [rows], NaN where missing. Throws TypeError naming `feature`.
std::vector<double> read_numbers(const ChunkedColumn& column, const std::string& feature);
// Throws TypeError naming `feature` unless the values are numbers, booleans or all null.
void check_numbers(const Column& column, const std::string& feature, const std::string& wanted = "numbers");

}  // namespace recfast
