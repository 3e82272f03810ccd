#pragma once
// Rows of blocks -> rows of new blocks: the copy of copy-on-write.

#include <cstdint>
#include <span>

#include "filters/attribute_block.h"
#include "filters/block_builder.h"

namespace recfast {

struct RowPlace {
  const AttributeBlock* block = nullptr;
  int64_t row = 0;
};

// The blocks of rows[0], rows[1], ... `from`: the schema of their blocks; `to` differs from it in dictionaries at most:
// strings get the codes of to's, to which they are appended.
AttributeBlocks copy_rows(std::span<const RowPlace> rows, const AttributeSchema& from, const AttributeSchema& to);
// Copies of whole blocks of one schema, which keep their serials; all but the last are full.
AttributeBlocks copy_blocks(const AttributeBlocks& blocks, const AttributeSchema& schema);

}  // namespace recfast
