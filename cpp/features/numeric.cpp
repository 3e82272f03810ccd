#include "features/numeric.h"

#include <cmath>
#include <limits>

#include "features/row_mapping.h"

namespace recfast {
namespace {
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
}

float NumericOutput::value(double x, float* missing) const noexcept {
  float result = 0.0f;
  bool absent = !std::isfinite(x);
  if (!absent) {
    result = static_cast<float>(apply(transform_, x));
    absent = !std::isfinite(result);
    if (absent) result = 0.0f;
  }
  if (missing != nullptr) *missing = absent ? 1.0f : 0.0f;
  return result;
}

void check_numbers(const Column& column, const std::string& feature, const std::string& wanted) {
  if (column.type == ColumnType::kNull || column.is_integer() || column.is_bool() || column.is_float()) return;
  refuse_type(feature, wanted, column);
}

std::vector<double> read_numbers(const ChunkedColumn& column, const std::string& feature) {
  std::vector<double> out;
  out.reserve(static_cast<size_t>(column.length));
  for (const Column& chunk : column.chunks) {
    check_numbers(values_of(chunk), feature);
    for_each_value(chunk, [&](const Column& values, int64_t at, int64_t) {
      const bool null = at < 0 || values.is_null(at);
      const double x = null ? kMissing : values.number_at(at);
      out.push_back(std::isfinite(x) ? x : kMissing);
    });
  }
  return out;
}

void NumericFeature::encode(const ColumnSet& columns, std::span<EncodedArray> out) const {
  for (EncodedArray& array : out) array.resize(columns.rows());
  float* values = out[0].values.data();
  float* missing = output_.has_indicator() ? out[1].values.data() : nullptr;
  for (const Column& chunk : columns.get(name(), name()).chunks) {
    check_numbers(values_of(chunk), name());
    for_each_value(chunk, [&](const Column& source, int64_t at, int64_t) {
      const double x = at < 0 || source.is_null(at) ? kMissing : source.number_at(at);
      *values++ = output_.value(x, missing);
      if (missing != nullptr) ++missing;
    });
  }
}

double number_of(const RawValue& value) noexcept {
  if (value.kind == RawValue::Kind::kNull) return kMissing;
  return value.kind == RawValue::Kind::kInt ? static_cast<double>(value.integer) : value.number;
}

void NumericFeature::encode_value(const RawValue& value, std::span<EncodedArray> out) const noexcept {
  for (EncodedArray& array : out) array.resize(1);
  out[0].values[0] = output_.value(number_of(value), output_.has_indicator() ? out[1].values.data() : nullptr);
}

}  // namespace recfast
