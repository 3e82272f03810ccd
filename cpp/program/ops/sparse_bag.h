#pragma once
// sparse_bag: the weighted sum of sparse rows of a square table
//
//   out = 0;  for id, w in the bag, in order; for j < n:  out[columns[id, j]] += w * weight[id, j]
//
//   input:   a bag or a weighted bag; ids in [0, R), w the weight or 1
//   weight:  f32 [R, n], the entries of each row;  columns: i32 [R, n] in [0, R), where they stand. Entries that a row
//            does not need are 0.
//   out:     dense [R], side of the input; an empty bag gives zeros
//   error:   |out - exact| <= eps * (M + 1) * sum |w * weight|, over the M entries that meet in a column

#include "program/op_check.h"

namespace recfast::ops {

inline int64_t check_sparse_bag(const OpCheck& c) {
  c.expect_count(1, 1);
  const Slot& bag = c.input(0);
  if (!is_bag(bag.kind)) c.refuse("the input '" + bag.name + "' is no bag");
  const Weight& entries = c.weight(c.node.weight);
  const auto found = c.parameters.indices.find(c.node.columns);
  if (found == c.parameters.indices.end()) c.refuse("the columns '" + c.node.columns + "' are missing");
  const Indices& columns = found->second;
  if (entries.is_vector || entries.rows != bag.rows) {
    c.refuse("the weight '" + c.node.weight + "' has " + std::to_string(entries.rows) + " rows, the feature '" +
             bag.name + "' needs " + std::to_string(bag.rows));
  }
  if (columns.rows != entries.rows || columns.columns != entries.columns) {
    c.refuse("the columns '" + c.node.columns + "' are [" + std::to_string(columns.rows) + ", " +
             std::to_string(columns.columns) + "], the weight [" + std::to_string(entries.rows) + ", " +
             std::to_string(entries.columns) + "]; they must be equal");
  }
  for (int64_t i = 0; i < columns.rows * columns.columns; ++i) {
    if (columns.data[i] < 0 || columns.data[i] >= columns.rows) {
      c.refuse("the columns '" + c.node.columns + "' hold " + std::to_string(columns.data[i]) +
               ", expected numbers in [0, " + std::to_string(columns.rows) + ")");
    }
  }
  return columns.rows;
}

}  // namespace recfast::ops
