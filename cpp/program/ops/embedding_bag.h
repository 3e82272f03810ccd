#pragma once
// embedding_bag: out[d] = pool over the ids of the row of table[id, d]
//
//   input:   ids (a bag of one) or a bag; ids in [0, R)
//   table:   embedding rows [R, D], any row format
//   pooling: "sum" | "mean" | "max"; an empty bag gives zeros
//   out:     dense [D], side of the input

#include "program/op_check.h"

namespace recfast::ops {

inline int64_t check_embedding_bag(const OpCheck& c) {
  c.expect_count(1, 1);
  const Slot& ids = c.input(0);
  if (ids.kind == InputKind::kDense) c.refuse("the input '" + ids.name + "' is dense, expected ids or a bag");
  const auto found = c.parameters.tables.find(c.node.table);
  if (found == c.parameters.tables.end()) c.refuse("the table '" + c.node.table + "' is missing");
  if (found->second.num_rows() != ids.rows) {
    c.refuse("the table '" + c.node.table + "' has " + std::to_string(found->second.num_rows()) +
             " rows, the feature '" + ids.name + "' needs " + std::to_string(ids.rows));
  }
  return found->second.dim();
}

}  // namespace recfast::ops
