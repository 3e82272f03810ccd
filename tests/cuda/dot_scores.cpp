// dot_scores against sums in f64, within the bound that kernels.h states.

#include <cmath>
#include <limits>

#include "cpp/check.h"
#include "cuda/operands.h"

namespace recfast::cuda::test {
namespace {

using recfast::test::context;

struct Case {
  OperandCase a;
  OperandCase b;
  int64_t rows;
  int64_t width;
  int64_t column;
  bool biased;
  bool accumulate;
};

void compare(const Case& c) {
  context = describe(c.a, c.b, c.rows, c.width, c.column);
  const AnyOperand a(c.a.kind, c.a.format, c.rows, c.column, c.width);
  const AnyOperand b(c.b.kind, c.b.format, c.rows, 0, c.width);
  const AnyOperand bias(Kind::kItems, DeviceFormat::kF32, c.rows, 2, 1);
  const Operand of_items = bias.device();
  constexpr int64_t kStride = 3;
  const Array<float> out(std::vector<float>(static_cast<size_t>(c.rows * kStride), 0.5f));
  ok(dot_scores({a.device(), b.device(), c.biased ? &of_items : nullptr, c.accumulate}, c.rows, c.width, out.data(),
                kStride, nullptr));
  const std::vector<float> found = out.host();
  bool near = true;
  for (int64_t r = 0; r < c.rows; ++r) {
    double sum = (c.accumulate ? 0.5 : 0.0) + (c.biased ? bias.value(r, 0) : 0.0);
    double size = std::fabs(sum);
    for (int64_t d = 0; d < c.width; ++d) {
      const double product = double{a.value(r, d)} * b.value(r, d);
      sum += product;
      size += std::fabs(product);
    }
    const double bound = static_cast<double>(c.width / 8 + 6) * std::numeric_limits<float>::epsilon() * size;
    near &= std::fabs(found[static_cast<size_t>(r * kStride)] - sum) <= bound;
    near &= found[static_cast<size_t>(r * kStride + 1)] == 0.5f;
  }
  CHECK(near);
}

TEST(dot_products_of_every_kind) {
  for (const OperandCase& a : kOperandCases) {
    for (const OperandCase& b : kOperandCases) {
      for (const int64_t width : {1, 7, 16, 33, 64, 128}) {
        if (small() && width != 33) continue;
        for (const int64_t column : {0, 5}) compare({a, b, 33, width, column, width == 16, width == 33});
      }
    }
    for (const int64_t rows : row_counts()) compare({a, a, rows, 16, 0, true, true});
  }
}

TEST(a_score_does_not_depend_on_its_place) {
  constexpr int64_t kRows = 300, kWidth = 70;
  const AnyOperand query(Kind::kRequest, DeviceFormat::kF32, kRows, 0, kWidth);
  const Rows items(DeviceFormat::kF16, 4, kWidth);
  const std::vector<uint32_t> same(kRows, 2);
  const Array<uint32_t> index(same);
  const Array<float> out(std::vector<float>(kRows, 0));
  ok(dot_scores({query.device(), {items.device(), index.data(), 0}}, kRows, kWidth, out.data(), 1, nullptr));
  const std::vector<float> found = out.host();
  bool equal = true;
  for (const float score : found) equal &= score == found[0];
  CHECK(equal);
}

}  // namespace
}  // namespace recfast::cuda::test
