#pragma once
// embedding_bag: out[d] = pool over the ids of the row of w * table[id, d]
//
//   input:   ids (a bag of one), a bag, or a weighted bag; ids in [0, R), w the weight or 1
//   table:   embedding rows [R, D], any row format
//   pooling: "sum" | "mean" (the sum by the number of ids) | "max" (without weights); an empty bag gives zeros
//   out:     dense [D], side of the input

#include "program/op_check.h"

namespace recfast::ops {

inline int64_t check_embedding_bag(const OpCheck& c) {
  c.expect_count(1, 1);
  const Slot& ids = c.input(0);
  if (ids.kind == InputKind::kDense) c.refuse("the input '" + ids.name + "' is dense, expected ids or a bag");
  if (ids.kind == InputKind::kWeightedBag && c.node.pooling == Pooling::kMax)
    c.refuse("the input '" + ids.name + "' has weights, which pooling max cannot use");
  const auto found = c.parameters.tables.find(c.node.table);
  if (found == c.parameters.tables.end()) c.refuse("the table '" + c.node.table + "' is missing");
  if (found->second.num_rows() != ids.rows) {
    c.refuse("the table '" + c.node.table + "' has " + std::to_string(found->second.num_rows()) +
             " rows, the feature '" + ids.name + "' needs " + std::to_string(ids.rows));
  }
  return found->second.dim();
}

}  // namespace recfast::ops
