#pragma once
// score: one score per row of a table that has every feature; the same steps as ranking, a request and an item per row.

#include <vector>

#include "backends/cpu/executor.h"

namespace recfast {

// f32 [rows.rows()]. Throws ValueError or TypeError naming the feature.
std::vector<float> score_rows(const cpu::Executor& executor, const ColumnSet& rows);

}  // namespace recfast
