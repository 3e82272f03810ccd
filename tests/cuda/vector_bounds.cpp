// vector_bounds against a loop, within its bound; several queries at once are bit-equal to each alone.

#include <cmath>
#include <limits>

#include "cpp/check.h"
#include "cuda/device.h"

namespace recfast::cuda::test {
namespace {

using recfast::test::context;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Case {
  int64_t rows;
  int64_t dim;
  int64_t queries;
  bool scaled;
  bool biased;
  bool filtered;
};

void compare(const Case& c) {
  context = std::to_string(c.rows) + " rows of " + std::to_string(c.dim) + ", " + std::to_string(c.queries) +
            " queries" + (c.scaled ? ", scale" : "") + (c.biased ? ", bias" : "") + (c.filtered ? ", filter" : "");
  const int64_t stride = (c.dim + 3) / 4 * 4;
  std::vector<float> vectors(static_cast<size_t>(c.rows * stride)), queries(static_cast<size_t>(c.queries * stride));
  for (std::vector<float>* numbers : {&vectors, &queries})
    for (size_t i = 0; i < numbers->size(); ++i)
      (*numbers)[i] = static_cast<int64_t>(i) % stride < c.dim ? any_float() : 0.0f;
  if (c.rows > 5) vectors[static_cast<size_t>(5 * stride)] = NAN;
  const std::vector<float> scale = any_floats(c.rows), slack = any_floats(c.rows), bias = any_floats(c.rows);
  std::vector<Bound> bounds(static_cast<size_t>(c.queries));
  for (Bound& bound : bounds)
    bound = {.step = any_float(), .spread = any_float(), .reach = any_float(), .unit = any_float(), .constant = 0.5f};
  std::vector<uint64_t> eligible(static_cast<size_t>((c.rows + 63) / 64));
  for (uint64_t& word : eligible) word = (uint64_t{random()()} << 32) | random()();

  const Array<float> x(vectors), q(queries), s(scale), e(slack), b(bias);
  const Array<Bound> of(bounds);
  const Array<uint64_t> bits(eligible);
  const int64_t out_stride = c.rows + 3;
  const Array<float> together(std::vector<float>(static_cast<size_t>(c.queries * out_stride), 7.0f));
  const Array<float> alone(std::vector<float>(static_cast<size_t>(c.queries * out_stride), 7.0f));
  VectorBounds args{.vectors = {x.data(), stride * 4, nullptr, c.dim, DeviceFormat::kF32},
                    .rows = c.rows,
                    .scale = c.scaled ? s.data() : nullptr,
                    .slack = e.data(),
                    .bias = c.biased ? b.data() : nullptr,
                    .eligible = c.filtered ? bits.data() : nullptr,
                    .queries = q.data(),
                    .query_stride = stride,
                    .bounds = of.data(),
                    .out = together.data(),
                    .out_stride = out_stride};
  ok(vector_bounds(args, c.queries, nullptr));
  for (int64_t query = 0; query < c.queries; ++query) {
    args.queries = q.data() + query * stride;
    args.bounds = of.data() + query;
    args.out = alone.data() + query * out_stride;
    ok(vector_bounds(args, 1, nullptr));
  }
  const std::vector<float> found = together.host();
  bool near = true;
  for (int64_t query = 0; query < c.queries; ++query) {
    for (int64_t r = 0; r < out_stride; ++r) {
      const float got = found[static_cast<size_t>(query * out_stride + r)];
      if (r >= c.rows) {
        near &= got == 7.0f;
      } else if (c.filtered && (eligible[static_cast<size_t>(r / 64)] >> (r % 64) & 1) == 0) {
        near &= got == -kInfinity;
      } else if (r == 5) {
        near &= got == kInfinity;
      } else {
        const Bound& bound = bounds[static_cast<size_t>(query)];
        const auto at = static_cast<size_t>(r);
        double dot = 0;
        for (int64_t d = 0; d < c.dim; ++d)
          dot +=
              double{vectors[static_cast<size_t>(r * stride + d)]} * queries[static_cast<size_t>(query * stride + d)];
        const double expected = (c.scaled ? scale[at] : 1.0) * (bound.step * dot + bound.spread) +
                                double{slack[at]} * bound.reach +
                                ((c.biased ? double{bias[at]} * bound.unit : 0.0) + bound.constant);
        near &= std::abs(got - expected) <= 1e-6 * static_cast<double>(c.dim + 8);
      }
    }
  }
  CHECK(near);
  const std::vector<float> one_by_one = alone.host();
  CHECK(std::memcmp(found.data(), one_by_one.data(), found.size() * sizeof(float)) == 0);
}

TEST(bounds_of_every_size) {
  for (const int64_t rows : {1, 31, 33, 1000}) {
    for (const int64_t dim : {1, 7, 16, 33, 64, 130}) {
      for (const int64_t queries : {1, 2, 4, 5, 9}) {
        if (small() && (rows != 33 || dim == 130)) continue;
        compare({rows, dim, queries, dim % 2 == 0, queries % 2 == 0, rows > 1});
      }
    }
  }
  for (const bool scaled : {false, true})
    for (const bool biased : {false, true})
      for (const bool filtered : {false, true}) compare({100, 20, 3, scaled, biased, filtered});
}

}  // namespace
}  // namespace recfast::cuda::test
