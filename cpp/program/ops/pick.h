#pragma once
// pick: out = x[id], one number of a vector: of scores for all items, that of the item in hand
//
//   x:   dense [N], of any side
//   id:  ids in [0, N), of any side
//   out: dense [1], join of the sides; exact. Of a request's x and an item's id, the catalogue stores the id.

#include "program/op_check.h"

namespace recfast::ops {

inline int64_t check_pick(const OpCheck& c) {
  c.expect_count(2, 2);
  const Slot& x = c.input(0);
  const Slot& id = c.input(1);
  if (x.kind != InputKind::kDense) c.refuse("the input '" + x.name + "' is not dense");
  if (id.kind != InputKind::kIds) c.refuse("the input '" + id.name + "' is no feature with one id per row");
  if (id.rows != x.width) {
    c.refuse("the input '" + x.name + "' is " + std::to_string(x.width) + " wide, the ids of '" + id.name +
             "' are in [0, " + std::to_string(id.rows) + "); they must be equal");
  }
  return 1;
}

}  // namespace recfast::ops
