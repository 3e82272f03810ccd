#include "cpp/small_shop.h"

#include "features/categorical.h"
#include "features/match.h"
#include "features/numeric.h"
#include "kernels/cpu/dispatch.h"

namespace recfast::test {
namespace {

constexpr int64_t kFamilies = 4;  // 2 and 3 are not in the request's map

template <class T>
Column column_of(ColumnType type, std::vector<T> values) {
  auto owned = std::make_shared<std::vector<T>>(std::move(values));
  Column column;
  column.type = type;
  column.length = static_cast<int64_t>(owned->size());
  column.data = owned->data();
  column.described = "numbers of a test";
  column.owner = std::move(owned);
  return column;
}

ChunkedColumn one_chunk(Column column) {
  ChunkedColumn out;
  out.append(std::move(column));
  return out;
}

ChunkedColumn floats(std::vector<double> values) {
  return one_chunk(column_of(ColumnType::kFloat64, std::move(values)));
}

// `rows` times the map {0: 1.0, 1: 2.0}.
ChunkedColumn maps(int64_t rows) {
  std::vector<int64_t> keys;
  std::vector<double> values;
  std::vector<int32_t> offsets{0};
  for (int64_t row = 0; row < rows; ++row) {
    keys.insert(keys.end(), {0, 1});
    values.insert(values.end(), {1.0, 2.0});
    offsets.push_back(static_cast<int32_t>(keys.size()));
  }
  Column column = column_of(ColumnType::kMap, std::move(offsets));
  column.offsets = std::exchange(column.data, nullptr);
  column.length = rows;
  column.children.push_back(column_of(ColumnType::kInt64, std::move(keys)));
  column.children.push_back(column_of(ColumnType::kFloat64, std::move(values)));
  return one_chunk(std::move(column));
}

std::vector<int64_t> counted(int64_t size, int64_t modulus) {
  std::vector<int64_t> values;
  for (int64_t i = 0; i < size; ++i) values.push_back(i % modulus);
  return values;
}

std::shared_ptr<const Encoder> small_encoder() {
  std::vector<Encoder::Entry> entries;
  const NumericOutput plain({}, false);
  entries.push_back({Side::kRequest, std::make_unique<NumericFeature>("hour", Side::kRequest, plain)});
  entries.push_back({Side::kItem, std::make_unique<NumericFeature>("price", Side::kItem, plain)});
  auto brands = std::make_shared<const RowMapping>(
      RowMapping::Options{.table = "brand", .type = ValueType::kInt, .buckets = 1, .strings = {}, .ints = {0, 1, 2}});
  entries.push_back({Side::kItem, std::make_unique<CategoricalFeature>("brand", Side::kItem, std::move(brands))});
  entries.push_back({Side::kPair, std::make_unique<MatchFeature>("bought", Side::kPair,
                                                                 MatchFeature::Options{"counts", "family"}, plain)});
  return std::make_shared<const Encoder>(std::move(entries), "id", 1);
}

}  // namespace

std::shared_ptr<const cpu::Executor> small_executor(float hour_weight) {
  const std::shared_ptr<const Encoder> encoder = small_encoder();
  std::vector<Slot> inputs;
  for (const EncodedSpec& spec : encoder->specs()) {
    inputs.push_back({.name = spec.name, .side = spec.side, .kind = spec.kind, .width = spec.width, .rows = spec.rows});
  }
  const std::vector<float> rows{0.0f, 1.0f, 2.0f, 9.0f, -1.0f};
  auto weight = std::make_shared<std::vector<float>>(std::vector<float>{hour_weight, 1.0f, 1.0f, 2.0f});
  Parameters parameters;
  parameters.tables.emplace("brand", Table::from_weights(rows, 5, 1, RowFormat::kF32));
  parameters.weights.emplace(
      "w", Weight{.data = weight->data(), .rows = 1, .columns = 4, .is_vector = false, .keep_alive = weight});
  std::vector<OpText> ops(3);
  ops[0].op = "embedding_bag";
  ops[0].inputs = {"brand"};
  ops[0].output = "e";
  ops[0].table = "brand";
  ops[0].pooling = "sum";
  ops[1].op = "concat";
  ops[1].inputs = {"hour", "price", "e", "bought"};
  ops[1].output = "x";
  ops[2].op = "linear";
  ops[2].inputs = {"x"};
  ops[2].output = "y";
  ops[2].weight = "w";
  ops[2].activation = "none";
  auto program = std::make_shared<const Program>(std::move(inputs), ops, "y", std::move(parameters));
  return std::make_shared<const cpu::Executor>(encoder, std::move(program), kernels());
}

ColumnSet small_items(int64_t size, double price) {
  ColumnSet items;
  items.add("id", int_column(counted(size, size + 1)));
  items.add("price", floats(std::vector<double>(static_cast<size_t>(size), price)));
  items.add("brand", int_column(counted(size, kBrands)));
  items.add("family", int_column(counted(size, kFamilies)));
  return items;
}

ColumnSet small_rows(int64_t size, double price, double hour) {
  ColumnSet rows = small_items(size, price);
  rows.add("hour", floats(std::vector<double>(static_cast<size_t>(size), hour)));
  rows.add("counts", maps(size));
  return rows;
}

ColumnSet small_request(double hour) {
  ColumnSet request;
  request.add("hour", floats({hour}));
  request.add("counts", maps(1));
  return request;
}

ChunkedColumn int_column(std::vector<int64_t> values) {
  return one_chunk(column_of(ColumnType::kInt64, std::move(values)));
}

float small_score(int64_t id, double price, double hour) {
  const int64_t family = id % kFamilies;
  const double bought = family < 2 ? static_cast<double>(family + 1) : 0.0;
  return static_cast<float>(8 * hour + price + static_cast<double>(id % kBrands) + 2 * bought);
}

}  // namespace recfast::test
