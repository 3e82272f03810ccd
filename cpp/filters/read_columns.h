#pragma once
// Raw columns -> attributes: which type a column gives, and its values in blocks.

#include <optional>
#include <string>

#include "features/column_set.h"
#include "filters/block_builder.h"

namespace recfast {

// The attribute that a column of this type gives, with an empty dictionary where it needs one, which is counted in
// `use` (or null); nothing where the type gives none: maps, lists of anything but integers and strings, durations,
// objects.
std::optional<Attribute> attribute_of(const std::string& name, const ChunkedColumn& column,
                                      const std::shared_ptr<MemoryUse>& use);
// What a column that gives no attribute holds, for messages.
std::string describe(const ChunkedColumn& column);

// The attribute that holds what `have` holds, and rows of a column that gives `got`: a type that was unknown becomes
// known; otherwise `have`, into which integers and times are converted. Throws TypeError when the types disagree.
Attribute joined(const Attribute& have, const Attribute& got);

// Writes every row of a column that gives `attribute`, or one that `attribute` has joined. NaN is null, null elements
// of lists are left out. Appends to the dictionary. first_row: of the column in the whole table. Throws ValueError
// naming a row, of the whole table, that the attribute's type cannot hold.
void write_column(const ChunkedColumn& column, const Attribute& attribute, int64_t first_row, CellWriter& out);

}  // namespace recfast
