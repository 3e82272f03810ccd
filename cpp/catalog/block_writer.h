#pragma once
// BlockWriter: the blocks of the next version. A block is copied when it is written for the first time; all others are
// shared with the version before.

#include <cstdint>
#include <vector>

#include "catalog/block.h"

namespace recfast {

struct Snapshot;

class BlockWriter {
 public:
  // base: the version before, or null to begin without rows; must outlive the writer.
  BlockWriter(const BlockLayout& layout, BlockPool pool, const Snapshot* base);

  // Memory of a block, with the rows that it has in the base. Until the next block is asked for.
  uint8_t* block(int64_t block);
  // False when it was removed before.
  bool remove(int64_t row) { return group(row / kBlockGroupRows).remove(row % kBlockGroupRows); }
  // Moves what was written into the next version. Rows behind those of the base, up to `rows`, must have been written
  // and are alive.
  void finish(int64_t rows, Snapshot& next);

 private:
  BlockGroup& group(int64_t index);

  struct Own {
    std::shared_ptr<BlockGroup> group;  // null while it is shared
    uint64_t written = 0;               // a bit per block
  };
  const BlockLayout layout_;
  BlockPool pool_;
  const Snapshot* base_;
  std::vector<Own> own_;
  int64_t last_block_ = -1;
  uint8_t* last_memory_ = nullptr;
};

}  // namespace recfast
