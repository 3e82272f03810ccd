// join_rows against a loop: every kind of operand with every other. Bit-equal.

#include "cpp/check.h"
#include "cuda/operands.h"

namespace recfast::cuda::test {
namespace {

using recfast::test::context;

struct Case {
  OperandCase a;
  OperandCase b;
  bool two;
  int64_t rows;
  int64_t width;
  int64_t column;
};

void compare(const Case& c) {
  context = describe(c.a, c.b, c.rows, c.width, c.column);
  const AnyOperand a(c.a.kind, c.a.format, c.rows, c.column, c.width);
  const AnyOperand b(c.b.kind, c.b.format, c.rows, 0, c.width);
  const Operand first = a.device();
  const Operand second = b.device();
  const int64_t stride = c.width + 1;
  for (const bool relu : {false, true}) {
    const Array<float> y(std::vector<float>(static_cast<size_t>(c.rows * stride), kSentinel));
    ok(join_rows(first, c.two ? &second : nullptr, c.rows, c.width, relu, {y.data(), stride}, nullptr));
    const std::vector<float> found = y.host();
    bool equal = true;
    for (int64_t r = 0; r < c.rows; ++r) {
      for (int64_t d = 0; d < stride; ++d) {
        float expected = kSentinel;
        if (d < c.width) {
          expected = c.two ? a.value(r, d) + b.value(r, d) : a.value(r, d);
          if (relu && expected < 0) expected = 0;
        }
        equal &= found[static_cast<size_t>(r * stride + d)] == expected;
      }
    }
    CHECK(equal);
  }
}

TEST(rows_of_every_kind_are_joined) {
  for (const OperandCase& a : kOperandCases) {
    for (const OperandCase& b : kOperandCases) {
      for (const int64_t width : {1, 7, 16, 33, 64, 128}) {
        if (small() && width != 33) continue;
        for (const int64_t column : {0, 4, 5}) compare({a, b, true, 33, width, column});
      }
    }
    for (const int64_t rows : row_counts()) compare({a, a, false, rows, 33, 0});
  }
}

TEST(a_frame_is_joined_in_place) {
  constexpr int64_t kRows = 500, kWidth = 24;
  const std::vector<float> values = any_floats(kRows * kWidth);
  const std::vector<float> request = any_floats(kWidth);
  const Array<float> frame(values);
  const Array<float> row(request);
  const Operand so_far{{frame.data(), kWidth * 4, nullptr, kWidth, DeviceFormat::kF32}, nullptr, 0};
  const Operand more{{row.data(), 0, nullptr, kWidth, DeviceFormat::kF32}, nullptr, 0};
  ok(join_rows(so_far, &more, kRows, kWidth, false, {frame.data(), kWidth}, nullptr));
  const std::vector<float> found = frame.host();
  bool equal = true;
  for (size_t i = 0; i < values.size(); ++i) equal &= found[i] == values[i] + request[i % kWidth];
  CHECK(equal);
}

}  // namespace
}  // namespace recfast::cuda::test
