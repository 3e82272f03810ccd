#pragma once
// Table: immutable embedding rows in one row format. Copies share the memory, which is owned or somebody else's.

#include <cstdint>
#include <memory>
#include <span>

#include "kernels/kernels.h"
#include "table/row_format.h"

namespace recfast {

class Table {
 public:
  // Owns its rows. weights: f32 [num_rows, dim], finite. Throws ValueError (see quantise.h).
  static Table from_weights(std::span<const float> weights, int64_t num_rows, int64_t dim, RowFormat format);

  // Views rows that exist. data: num_rows * row_bytes bytes of any alignment; keep_alive holds them (may be null when
  // the caller does). Throws ValueError when the size does not fit.
  static Table view(std::span<const uint8_t> data, int64_t num_rows, int64_t dim, RowFormat format,
                    std::shared_ptr<const void> keep_alive);

  RowFormat format() const noexcept { return format_; }
  int64_t num_rows() const noexcept { return num_rows_; }
  int64_t dim() const noexcept { return dim_; }
  int64_t row_bytes() const noexcept { return row_bytes_; }
  int64_t size_bytes() const noexcept { return num_rows_ * row_bytes_; }
  const uint8_t* data() const noexcept { return data_; }

  // out[i] = row ids[i]. out: f32 [ids, dim], rows out_stride apart. IndexError names position and value of a bad id.
  void rows(std::span<const int64_t> ids, float* out, int64_t out_stride) const;

  // out[b] = pooled rows ids[offsets[b] .. offsets[b + 1]), the last bag's up to the end.
  // offsets: int64 [bags], from 0 on, not decreasing, at most ids.size() (ValueError).
  // weights: f32 [ids] or null; not with Pooling::kMax (ValueError). out: f32 [bags, dim], rows out_stride apart.
  void bag(std::span<const int64_t> ids, std::span<const int64_t> offsets, const float* weights, Pooling pooling,
           float* out, int64_t out_stride) const;

 private:
  Table(RowFormat format, int64_t num_rows, int64_t dim, const uint8_t* data, std::shared_ptr<const void> keep_alive);

  RowFormat format_;
  int64_t num_rows_;
  int64_t dim_;
  int64_t row_bytes_;
  const uint8_t* data_;
  std::shared_ptr<const void> keep_alive_;
};

// IndexError naming position and value of the first id outside [0, num_rows). what: for example "ids".
void check_ids(std::span<const int64_t> ids, int64_t num_rows, const char* what);

}  // namespace recfast
