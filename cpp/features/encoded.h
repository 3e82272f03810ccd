#pragma once
// What encoding gives: per feature one array, in the form that a Program's inputs take.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "program/side.h"

namespace recfast {

// kIds: ids [rows]. kBag: ids [offsets.back()], offsets [rows + 1]; kWeightedBag: also values [offsets.back()], the
// factors. kDense: values [rows, width].
struct EncodedArray {
  InputKind kind = InputKind::kIds;
  int64_t width = 1;
  std::vector<int64_t> ids;
  std::vector<int64_t> offsets;
  std::vector<float> values;

  void resize(int64_t rows) {
    if (kind == InputKind::kIds) ids.resize(static_cast<size_t>(rows));
    if (kind == InputKind::kDense) values.resize(static_cast<size_t>(rows * width));
  }
};

// to = the given rows of `from`, an array of the same kind and width.
void gather_rows(const EncodedArray& from, std::span<const int64_t> rows, EncodedArray& to);

// An array that a feature gives: its name and form.
struct EncodedSpec {
  std::string name;
  Side side = Side::kItem;
  InputKind kind = InputKind::kIds;
  int64_t width = 1;
  int64_t rows = 0;  // of ids and bags: ids are in [0, rows)
};

}  // namespace recfast
