#include "table/table.h"

#include <string>
#include <utility>

#include "base/aligned.h"
#include "base/checked.h"
#include "kernels/cpu/dispatch.h"
#include "table/quantise.h"

namespace recfast {

namespace {

size_t table_bytes(int64_t num_rows, int64_t row_bytes) {
  return checked_mul(checked_size(num_rows, "number of rows"), checked_size(row_bytes, "row size"), "table size");
}

// The sign bit of what is returned is set unless 0 <= low <= high: three operations and no branch, in vectors too.
uint64_t out_of_order(int64_t low, int64_t high) {
  const auto a = static_cast<uint64_t>(low);
  const auto b = static_cast<uint64_t>(high);
  return a | b | (b - a);
}

void check_offsets(std::span<const int64_t> offsets, int64_t ids) {
  if (offsets.empty()) {
    if (ids == 0) return;
    throw ValueError("there are " + std::to_string(ids) + " ids but no bag: offsets is empty");
  }
  uint64_t bad = out_of_order(offsets.back(), ids);
  for (size_t b = 0; b + 1 < offsets.size(); ++b) bad |= out_of_order(offsets[b], offsets[b + 1]);
  if (static_cast<int64_t>(bad) >= 0 && offsets.front() == 0) [[likely]]
    return;
  if (offsets.front() != 0)
    throw ValueError("the first bag must start at 0, but offsets[0] = " + std::to_string(offsets.front()));
  for (size_t b = 0; b < offsets.size(); ++b) {
    const int64_t end = b + 1 < offsets.size() ? offsets[b + 1] : ids;
    if (offsets[b] > end)
      throw ValueError("offsets must not decrease and not exceed the number of ids, but offsets[" + std::to_string(b) +
                       "] = " + std::to_string(offsets[b]) + " is followed by " + std::to_string(end));
  }
}

}  // namespace

void check_ids(std::span<const int64_t> ids, int64_t num_rows, const char* what) {
  const auto outside = [=](int64_t id) { return static_cast<uint64_t>(id) >= static_cast<uint64_t>(num_rows); };
  uint64_t bad = 0;
  for (int64_t id : ids) bad |= out_of_order(id, num_rows - 1);
  if (static_cast<int64_t>(bad) >= 0) [[likely]]
    return;
  for (size_t i = 0; i < ids.size(); ++i)
    if (outside(ids[i]))
      throw IndexError(std::string(what) + "[" + std::to_string(i) + "] = " + std::to_string(ids[i]) +
                       " is outside the table, whose rows are [0, " + std::to_string(num_rows) + ")");
}

Table::Table(RowFormat format, int64_t num_rows, int64_t dim, const uint8_t* data,
             std::shared_ptr<const void> keep_alive)
    : format_(format),
      num_rows_(num_rows),
      dim_(dim),
      row_bytes_(recfast::row_bytes(format, dim)),
      data_(data),
      keep_alive_(std::move(keep_alive)) {}

Table Table::from_weights(std::span<const float> weights, int64_t num_rows, int64_t dim, RowFormat format) {
  const int64_t bytes = recfast::row_bytes(format, dim);
  const size_t wanted = checked_mul(checked_size(num_rows, "number of rows"), static_cast<size_t>(dim), "table size");
  if (weights.size() != wanted)
    throw ValueError("weights must hold rows * dim = " + std::to_string(wanted) + " numbers, got " +
                     std::to_string(weights.size()));
  auto memory = std::make_shared<AlignedBuffer<uint8_t>>(table_bytes(num_rows, bytes));
  quantise_rows(weights.data(), num_rows, dim, format, memory->data());
  const uint8_t* data = memory->data();
  return Table(format, num_rows, dim, data, std::move(memory));
}

Table Table::view(std::span<const uint8_t> data, int64_t num_rows, int64_t dim, RowFormat format,
                  std::shared_ptr<const void> keep_alive) {
  const int64_t bytes = recfast::row_bytes(format, dim);
  const size_t wanted = table_bytes(num_rows, bytes);
  if (data.size() != wanted)
    throw ValueError("a " + std::string(row_format_name(format)) + " table of " + std::to_string(num_rows) +
                     " rows and dim " + std::to_string(dim) + " takes " + std::to_string(wanted) + " bytes, got " +
                     std::to_string(data.size()));
  return Table(format, num_rows, dim, data.data(), std::move(keep_alive));
}

void Table::rows(std::span<const int64_t> ids, float* out, int64_t out_stride) const {
  check_ids(ids, num_rows_, "ids");
  rows_kernel(kernels(), format_)(data_, row_bytes_, dim_, ids.data(), static_cast<int64_t>(ids.size()), out,
                                  out_stride);
}

void Table::bag(std::span<const int64_t> ids, std::span<const int64_t> offsets, const float* weights, Pooling pooling,
                float* out, int64_t out_stride) const {
  if (weights != nullptr && pooling == Pooling::kMax)
    throw ValueError("weights go with pooling \"sum\" and \"mean\", not with \"max\"");
  check_offsets(offsets, static_cast<int64_t>(ids.size()));
  check_ids(ids, num_rows_, "ids");
  if (offsets.empty()) return;
  // The end of the last bag is in no array of the caller's; so that theirs need not be copied, it goes alone.
  const auto kernel = bag_kernel(kernels(), format_);
  const auto before = static_cast<int64_t>(offsets.size()) - 1;
  kernel(data_, row_bytes_, dim_, ids.data(), offsets.data(), before, weights, pooling, out, out_stride);
  const int64_t last[] = {offsets.back(), static_cast<int64_t>(ids.size())};
  kernel(data_, row_bytes_, dim_, ids.data(), last, 1, weights, pooling, out + before * out_stride, out_stride);
}

}  // namespace recfast
