#pragma once
// score: one score per row of a table that has every feature; the same steps as ranking, a request and an item per row.

#include "backends/cpu/executor.h"
#include "table/row_format.h"

namespace recfast {

// out: f32 [rows.rows()]. Memory is bounded by `threads`, whatever the number of rows. items: the format that the item
// side passes through on its way, as it does in a catalogue of that dtype. Throws ValueError or TypeError naming the
// feature.
void score_rows(const cpu::Executor& executor, const ColumnSet& rows, RowFormat items, int64_t threads, float* out);

// out: f32 [rows.rows(), executor.named_width()], the executor's named parts for rows of such a table.
void read_named_rows(const cpu::Executor& executor, const ColumnSet& rows, float* out);

}  // namespace recfast
