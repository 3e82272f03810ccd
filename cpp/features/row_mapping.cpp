#include "features/row_mapping.h"

#include <algorithm>

#include "base/error.h"
#include "features/hash_rows.h"
#include "hash/hash.h"

namespace recfast {

namespace {

// Rows that are hashed before they are looked up: enough look-ups in flight, and the hashes stay in L1.
constexpr int64_t kBlock = 256;

}  // namespace

RowMapping::RowMapping(Options options)
    : type_(options.type),
      seed_(field_seed(options.table)),
      buckets_(options.buckets),
      vocabulary_size_(
          static_cast<int64_t>(type_ == ValueType::kString ? options.strings.size() : options.ints.size())),
      vocabulary_(vocabulary_size_) {
  const bool strings = type_ == ValueType::kString;
  for (int64_t i = 0; i < vocabulary_size_; ++i) {
    const auto at = static_cast<size_t>(i);
    const uint64_t hash = strings ? hash_bytes(options.strings[at], seed_) : hash_int(options.ints[at], seed_);
    if (!vocabulary_.insert(hash, i)) {
      throw ValueError("table '" + options.table + "': entry " + std::to_string(i) +
                       " of its vocabulary stands there twice");
    }
  }
}

int64_t RowMapping::row_of_hash(uint64_t hash) const noexcept {
  const int64_t place = vocabulary_size_ > 0 ? vocabulary_.find(hash) : -1;
  return place >= 0 ? place : vocabulary_size_ + static_cast<int64_t>(bucket(hash, static_cast<uint64_t>(buckets_)));
}

int64_t RowMapping::row_of(std::string_view value) const noexcept {
  return row_of_hash(hash_bytes(value, seed_));
}

int64_t RowMapping::row_of(int64_t value) const noexcept {
  return row_of_hash(hash_int(value, seed_));
}

void RowMapping::check_type(const Column& column, const std::string& feature) const {
  if (column.type == ColumnType::kNull) return;
  if (type_ == ValueType::kString && !column.is_string()) refuse_type(feature, "strings", column);
  if (type_ == ValueType::kInt && !column.is_integer() && !column.is_bool()) refuse_type(feature, "integers", column);
}

void RowMapping::map(const Column& values, int64_t begin, int64_t end, int64_t* out) const {
  if (values.type == ColumnType::kNull) {
    std::fill_n(out, end - begin, missing_row());
    return;
  }
  uint64_t hashes[kBlock];
  for (int64_t first = begin; first < end; first += kBlock) {
    const int64_t n = std::min(end - first, kBlock);
    hash_rows(values, first, first + n, seed_, hashes);
    for (int64_t i = 0; i < n; ++i)
      out[i] = vocabulary_size_ + static_cast<int64_t>(bucket(hashes[i], static_cast<uint64_t>(buckets_)));
    if (vocabulary_size_ > 0) {
      for (int64_t i = 0; i < n; ++i) vocabulary_.prefetch(hashes[i]);
      for (int64_t i = 0; i < n; ++i) {
        const int64_t place = vocabulary_.find(hashes[i]);
        out[i] = place < 0 ? out[i] : place;
      }
    }
    if (values.validity != nullptr) {
      for (int64_t i = 0; i < n; ++i) out[i] = values.is_null(first + i) ? missing_row() : out[i];
    }
    out += n;
  }
}

void refuse_type(const std::string& feature, const std::string& wanted, const Column& got) {
  std::string message = "feature '" + feature + "': expected " + wanted + ", got " + got.described;
  const auto wants = [&](const char* what) { return wanted.starts_with(what); };
  if (wants("integers") && got.is_float()) {
    message += "; floats usually come from nulls in a pandas integer column: use .astype('Int64'), or Arrow";
  } else if (wants("integers") && got.is_string()) {
    message += "; convert the values with int(...), or declare the feature with type=\"string\"";
  } else if (wants("strings") && !wants("strings or") && (got.is_integer() || got.is_float())) {
    message += "; convert the values with str(...), or declare the feature with type=\"int\"";
  } else if (wants("numbers") && got.is_string()) {
    message += "; convert the values with float(...), or use a Categorical";
  } else if (wants("lists") && (got.is_string() || got.is_integer() || got.is_float())) {
    message += "; put a single value into a list of one";
  } else if (wants("maps") && (got.is_list() || got.type == ColumnType::kOther)) {
    message += "; give dicts in a list or an Arrow map column: polars has no maps, and Arrow makes structs of dicts";
  }
  throw TypeError(message);
}

}  // namespace recfast
