#pragma once
// A model whose scores are small whole numbers, exact in float32: for tests of whole requests from C++.
//
//   score = 8 hour + price + brand's row + 2 map[family]        hour | price, brand | bought

#include <memory>
#include <vector>

#include "catalog/catalog.h"
#include "features/column_set.h"

namespace recfast::test {

inline constexpr int64_t kBrands = 3;  // their rows hold 0, 1, 2; missing -1

std::shared_ptr<const cpu::Executor> small_executor(float hour_weight = 8.0f);

// Items of ids 0 ... size - 1, all of one price; brand and family of an id are those of small_score.
ColumnSet small_items(int64_t size, double price);
// Where everything stands in one row, for score_rows: small_items and the request.
ColumnSet small_rows(int64_t size, double price, double hour);
// {"hour": hour, "counts": {0: 1.0, 1: 2.0}}
ColumnSet small_request(double hour);
ChunkedColumn int_column(std::vector<int64_t> values);

float small_score(int64_t id, double price, double hour);

}  // namespace recfast::test
