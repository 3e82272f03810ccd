// The dictionary and the cache of filters while one thread appends and others read: what make tsan is for.

#include <atomic>
#include <memory>
#include <string>

#include "base/published.h"
#include "cpp/check.h"
#include "cpp/small_shop.h"
#include "cpp/threads.h"
#include "filters/filter_cache.h"

using namespace recfast;
using namespace recfast::test;

namespace {

std::string name_of(int64_t i) {
  return "name " + std::to_string(i) + std::string(static_cast<size_t>(i % 40), '.');
}

Value number(int64_t value) {
  return {Number::of(Int128{value}), "int", std::to_string(value)};
}

Value text(std::string value) {
  return {value, "str", quoted(value)};
}

// The column of strings that lie in `held`, which outlives it.
ChunkedColumn string_column(const std::vector<std::string_view>& held) {
  Column column;
  column.type = ColumnType::kStringRefs;
  column.length = static_cast<int64_t>(held.size());
  column.data = held.data();
  column.described = "strings";
  ChunkedColumn out;
  out.append(std::move(column));
  return out;
}

// Rows of a number and its name.
Attributes replaced(const Attributes& attributes, const std::vector<int64_t>& rows,
                    const std::vector<int64_t>& values) {
  std::vector<std::string> names;
  for (const int64_t value : values) names.push_back(name_of(value));
  const std::vector<std::string_view> views(names.begin(), names.end());
  ColumnSet table;
  table.add("number", int_column(values));
  table.add("name", string_column(views));
  return attributes.with_rows(rows, table);
}

Attributes empty_attributes() {
  ColumnSet table;
  table.add("number", int_column({}));
  table.add("name", string_column({}));
  return Attributes::from_columns(table, std::nullopt);
}

}  // namespace

TEST(a_dictionary_numbers_strings_in_their_order) {
  Dictionary dictionary;
  CHECK(dictionary.find("") == -1 && dictionary.size() == 0);
  CHECK(dictionary.insert("") == 0);
  for (int64_t i = 1; i < 5000; ++i) CHECK(dictionary.insert(name_of(i)) == static_cast<uint32_t>(i));
  CHECK(dictionary.insert(std::string(1 << 20, 'x')) == 5000);
  CHECK(dictionary.insert(name_of(77)) == 77 && dictionary.size() == 5001);
  bool right = dictionary.at(0).empty() && dictionary.find("") == 0 && dictionary.find("name") == -1;
  for (int64_t i = 1; i < 5000; ++i)
    right &= dictionary.at(static_cast<uint32_t>(i)) == name_of(i) && dictionary.find(name_of(i)) == i;
  CHECK(right);
}

TEST(a_dictionary_is_read_while_it_grows) {
  Dictionary dictionary;
  constexpr int64_t kNames = 20'000;
  std::atomic<int64_t> published{0};
  std::atomic<int> wrong{0};
  run_in_threads(4, [&](int index) {
    if (index == 0) {
      for (int64_t i = 0; i < kNames; ++i) {
        dictionary.insert(name_of(i));
        published.store(i + 1, std::memory_order_release);
      }
      return;
    }
    for (int64_t size = 0; size < kNames;) {
      size = published.load(std::memory_order_acquire);
      if (size == 0) continue;
      for (const int64_t i : {int64_t{0}, size / 2, size - 1}) {
        if (dictionary.find(name_of(i)) != i || dictionary.at(static_cast<uint32_t>(i)) != name_of(i)) ++wrong;
      }
    }
  });
  CHECK(wrong == 0);
}

TEST(filters_are_evaluated_while_versions_follow) {
  using Kind = Expression::Kind;
  constexpr int64_t kRows = 1000;
  constexpr int64_t kVersions = 150;
  std::vector<int64_t> rows;
  std::vector<int64_t> values;
  for (int64_t i = 0; i < kRows; ++i) {
    rows.push_back(i);
    values.push_back(i);
  }
  const auto version_of = [](Attributes attributes) {
    return std::make_shared<const Attributes>(std::move(attributes));
  };
  Published<const Attributes> published(version_of(replaced(empty_attributes(), rows, values)));
  FilterCache cache;
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  // Version v has row v changed to kRows + v: both tests find the same rows, and how many is no secret.
  const auto numbers = Expression::test(Kind::kGreaterEqual, "number", {number(kRows)});
  run_in_threads(4, [&](int index) {
    if (index == 0) {
      for (int64_t v = 0; v < kVersions; ++v)
        published.store(version_of(replaced(*published.load(), {v}, {kRows + v})));
      done = true;
      return;
    }
    for (int64_t call = 0, last = 0; !done || call < 5; ++call) {
      const std::shared_ptr<const Attributes> attributes = published.load();
      const int64_t changed = cache.get(numbers, *attributes)->rows();
      if (changed < last || changed > kVersions) ++wrong;
      last = changed;
      if (changed == 0) continue;
      const auto newest = Expression::test(Kind::kEqual, "name", {text(name_of(kRows + changed - 1))});
      const auto never = Expression::test(Kind::kBetween, "name",
                                          {text("z"), text(std::string("z").append(std::to_string(call % 90)))});
      const auto either = Expression::any(newest, never);
      if (cache.get(either, *attributes)->rows() != 1) ++wrong;
      if (cache.get(Expression::negation(either), *attributes)->rows() != kRows - 1) ++wrong;
    }
  });
  CHECK(wrong == 0);
  CHECK(cache.get(numbers, *published.load())->rows() == kVersions);
}
