#pragma once
// What a comparison means for stored values: a closed range, exactly, whatever the type of the value.

#include <optional>

#include "filters/attribute_schema.h"
#include "filters/expression.h"
#include "filters/number_conditions.h"

namespace recfast {

// kind: kEqual ... kGreaterEqual (kNotEqual as kEqual) or kBetween. The attribute holds integers: kInt, kUint, their
// lists, or kBool as 0 and 1; or times, and the values are times.
Range<int64_t> integer_range(const Attribute& attribute, Expression::Kind kind, const std::vector<Value>& values);
// For kFloat.
Range<double> float_range(Expression::Kind kind, const std::vector<Value>& values) noexcept;

}  // namespace recfast
