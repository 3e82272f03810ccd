#include <array>
#include <limits>

#include "base/half.h"
#include "cpp/kernel_cases.h"
#include "table/quantise.h"
#include "table/table.h"

using namespace recfast;
using namespace recfast::test;

namespace {

std::vector<float> all_rows(const Table& table) {
  std::vector<int64_t> ids;
  for (int64_t r = 0; r < table.num_rows(); ++r) ids.push_back(r);
  std::vector<float> out(static_cast<size_t>(table.num_rows() * table.dim()));
  table.rows(ids, out.data(), table.dim());
  return out;
}

uint16_t half_at(const uint8_t* p) {
  uint16_t h;
  std::memcpy(&h, p, 2);
  return h;
}

}  // namespace

TEST(quantised_rows_follow_the_rule) {
  const int64_t rows = 300;
  const int64_t dim = 33;
  Exact<float> weights = normals(rows * dim, 1);
  for (int64_t r = 0; r < rows; ++r)  // many magnitudes, some rows constant
    for (int64_t d = 0; d < dim; ++d)
      weights[r * dim + d] =
          r % 10 == 0 ? 0.25f * static_cast<float>(r) : std::ldexp(weights[r * dim + d], static_cast<int>(r % 30) - 18);
  for (const RowFormat format : {RowFormat::kI8, RowFormat::kI4}) {
    const double largest = format == RowFormat::kI8 ? 255 : 15;
    const int64_t stride = row_bytes(format, dim);
    const int64_t code_bytes = stride - 4;
    Exact<uint8_t> bytes(rows * stride);
    quantise_rows(weights.data(), rows, dim, format, bytes.data());
    for (int64_t r = 0; r < rows; ++r) {
      context = std::string(row_format_name(format)) + ", row " + std::to_string(r);
      const float* x = weights.data() + r * dim;
      const uint8_t* row = bytes.data() + r * stride;
      double lo = x[0];
      double hi = x[0];
      for (int64_t d = 0; d < dim; ++d) {
        lo = std::min<double>(lo, x[d]);
        hi = std::max<double>(hi, x[d]);
      }
      const uint16_t scale_bits = half_at(row + code_bytes);
      const double scale = half_to_float(scale_bits);
      const uint16_t offset_bits = half_at(row + code_bytes + 2);
      const double offset = half_to_float(offset_bits);
      CHECK(offset <= lo);
      const auto above = static_cast<uint16_t>((offset_bits & 0x8000) != 0 ? offset_bits - 1 : offset_bits + 1);
      CHECK(offset_bits == 0x8000 || half_to_float(above) > lo);
      CHECK(largest * scale + offset >= hi);
      CHECK(scale_bits == 0 || largest * half_to_float(static_cast<uint16_t>(scale_bits - 1)) + offset < hi);
      for (int64_t d = 0; d < dim; ++d) {
        const int code = format == RowFormat::kI8 ? row[d] : row[d / 2] >> (4 * (d % 2)) & 15;
        CHECK(std::abs(code * scale + offset - x[d]) <= 0.5 * scale * (1 + 1e-12));
      }
      if (format == RowFormat::kI4) CHECK(row[code_bytes - 1] >> 4 == 0);  // an odd dim leaves this half over
    }
  }
}

TEST(tables_hold_what_they_are_given) {
  const std::vector<float> weights = {1.0f, 2.0f, 3.0f, -4.0f, 0.5f, 65504.0f};
  context.clear();
  CHECK(all_rows(Table::from_weights(weights, 2, 3, RowFormat::kF32)) == weights);
  CHECK(all_rows(Table::from_weights(weights, 3, 2, RowFormat::kF16)) == weights);
  const std::vector<float> codes = {0.0f, 51.0f, 255.0f, -8.0f, -8.0f, -8.0f};
  CHECK(all_rows(Table::from_weights(codes, 2, 3, RowFormat::kI8)) == codes);
  const std::vector<float> small = {0.0f, 5.0f, 15.0f, -8.0f, -8.0f, -8.0f};
  CHECK(all_rows(Table::from_weights(small, 2, 3, RowFormat::kI4)) == small);
  const Table empty = Table::from_weights({}, 0, 4, RowFormat::kI8);
  CHECK(empty.num_rows() == 0 && empty.size_bytes() == 0 && all_rows(empty).empty());
}

TEST(a_view_shares_the_memory_and_keeps_it_alive) {
  auto memory = std::make_shared<std::vector<float>>(std::vector<float>{1, 2, 3, 4});
  const std::weak_ptr<std::vector<float>> watched = memory;
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(memory->data()), 16);
  {
    const Table table = Table::view(bytes, 2, 2, RowFormat::kF32, std::move(memory));
    const Table copy = table;
    CHECK(copy.data() == bytes.data() && !watched.expired());
    CHECK(all_rows(copy) == std::vector<float>{1, 2, 3, 4});
  }
  CHECK(watched.expired());
}

TEST(wrong_tables_are_refused_with_a_reason) {
  const std::vector<float> weights = {1.0f, 2.0f, 3.0f, 4.0f};
  const auto make = [&](std::vector<float> w, int64_t rows, int64_t dim, RowFormat format) {
    return thrown<ValueError>([&] { Table::from_weights(w, rows, dim, format); });
  };
  context.clear();
  CHECK(make(weights, 3, 2, RowFormat::kF32).find("6") != std::string::npos);
  CHECK(!make(weights, -1, 2, RowFormat::kF32).empty());
  CHECK(!make({}, 0, 0, RowFormat::kF32).empty());
  CHECK(!make({}, std::numeric_limits<int64_t>::max(), 1 << 20, RowFormat::kF32).empty());
  CHECK(make({1, 2, 3, NAN}, 2, 2, RowFormat::kF32).find("row 1, column 1") != std::string::npos);
  CHECK(make({1, INFINITY}, 1, 2, RowFormat::kI8).find("row 0, column 1") != std::string::npos);
  CHECK(make({1, 70000}, 1, 2, RowFormat::kF16).find("65504") != std::string::npos);
  CHECK(make({-70000, 1}, 1, 2, RowFormat::kI8).find("minimum") != std::string::npos);
  CHECK(make({0, 1e38f}, 1, 2, RowFormat::kI8).find("scale") != std::string::npos);
  CHECK(make({70000, 1e6f}, 1, 2, RowFormat::kI8).empty());
  CHECK(make({70000, 1e6f}, 1, 2, RowFormat::kI4).empty());
  CHECK(make({70000, 3e6f}, 1, 2, RowFormat::kI4).find("scale") != std::string::npos);
  CHECK(parse_row_format("i8") == RowFormat::kI8);
  CHECK(parse_row_format("i4") == RowFormat::kI4);
  CHECK(thrown<ValueError>([] { parse_row_format("i2"); }).find("\"i4\"") != std::string::npos);
  const std::array<uint8_t, 7> bytes = {};
  CHECK(!thrown<ValueError>([&] { Table::view(bytes, 2, 1, RowFormat::kF32, nullptr); }).empty());
}

TEST(wrong_ids_and_offsets_are_refused_with_a_reason) {
  const Table table = Table::from_weights(std::vector<float>{1, 2, 3}, 3, 1, RowFormat::kF32);
  float out[4];
  const auto rows = [&](std::vector<int64_t> ids) { return thrown<IndexError>([&] { table.rows(ids, out, 1); }); };
  const auto bag = [&](std::vector<int64_t> ids, std::vector<int64_t> offsets, const float* weights = nullptr,
                       Pooling pooling = Pooling::kSum) {
    return thrown<ValueError>([&] { table.bag(ids, offsets, weights, pooling, out, 1); });
  };
  context.clear();
  CHECK(rows({0, 2}).empty());
  CHECK(rows({0, 3}).starts_with("ids[1] = 3 is outside"));
  CHECK(rows({0, 1, -1, 7}).starts_with("ids[2] = -1 is outside"));
  CHECK(!thrown<IndexError>([&] {
           table.bag(std::vector<int64_t>{9}, std::vector<int64_t>{0}, nullptr, Pooling::kSum, out, 1);
         }).empty());
  CHECK(bag({0, 1}, {0, 1, 2}).empty());
  CHECK(bag({}, {0}).empty());
  CHECK(!bag({0}, {}).empty());
  CHECK(!bag({0, 1}, {1, 2}).empty());
  CHECK(!bag({0, 1}, {0, 2, 1, 2}).empty());
  CHECK(!bag({0, 1}, {0, 3}).empty());
  CHECK(bag({}, {}).empty());
  CHECK(bag({0, 1, 2}, {0, 1}).empty() && out[0] == 1.0f && out[1] == 5.0f);
  const float weights[] = {1, 2};
  CHECK(!bag({0, 1}, {0, 2}, weights, Pooling::kMax).empty());
  CHECK(bag({0, 1}, {0, 2}, weights, Pooling::kMean).empty() && out[0] == 2.5f);
}
