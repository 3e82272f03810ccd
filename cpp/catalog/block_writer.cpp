#include "catalog/block_writer.h"

#include <algorithm>
#include <cstring>

#include "catalog/snapshot.h"

namespace recfast {
namespace {

// The first `rows` rows of a block, column by column.
void copy_block(const BlockLayout& layout, const uint8_t* from, int64_t rows, uint8_t* to) {
  std::memcpy(to, from, static_cast<size_t>(layout.item_at(rows)));
  const int64_t columns = layout.keys + (layout.fingerprints ? 1 : 0);
  for (int64_t column = 0; column < columns; ++column) {
    const int64_t begin = layout.key_at(column, 0);
    std::memcpy(to + begin, from + begin, static_cast<size_t>(rows) * sizeof(uint64_t));
  }
}

}  // namespace

BlockWriter::BlockWriter(const BlockLayout& layout, BlockPool pool, const Snapshot* base)
    : layout_(layout), pool_(std::move(pool)), base_(base), own_(base == nullptr ? 0 : base->groups.size()) {}

BlockGroup& BlockWriter::group(int64_t index) {
  const auto at = static_cast<size_t>(index);
  if (at >= own_.size()) own_.resize(at + 1);
  std::shared_ptr<BlockGroup>& own = own_[at].group;
  if (own == nullptr) {
    const bool shared = base_ != nullptr && at < base_->groups.size();
    own = shared ? std::make_shared<BlockGroup>(*base_->groups[at]) : std::make_shared<BlockGroup>();
  }
  return *own;
}

uint8_t* BlockWriter::block(int64_t block) {
  if (block == last_block_) return last_memory_;
  const int64_t index = block / kGroupBlocks;
  PooledMemory& rows = group(index).blocks[static_cast<size_t>(block % kGroupBlocks)].rows;
  uint64_t& written = own_[static_cast<size_t>(index)].written;
  const uint64_t bit = uint64_t{1} << (block % kGroupBlocks);
  if ((written & bit) == 0) {
    PooledMemory slot = pool_.take();
    if (rows != nullptr)
      copy_block(layout_, rows.get(), std::min(kBlockRows, base_->rows - block * kBlockRows), slot.get());
    rows = std::move(slot);
    written |= bit;
  }
  last_block_ = block;
  last_memory_ = rows.get();
  return last_memory_;
}

void BlockWriter::finish(int64_t rows, Snapshot& next) {
  for (int64_t row = base_ == nullptr ? 0 : base_->rows; row < rows;) {
    const int64_t word = row / 64;
    const int64_t end = std::min(rows, (word + 1) * 64);
    const uint64_t bits = ~uint64_t{0} >> (64 - (end - row)) << row % 64;
    group(row / kBlockGroupRows).alive[static_cast<size_t>(word % (kBlockGroupRows / 64))] |= bits;
    row = end;
  }
  next.layout = layout_;
  next.rows = rows;
  next.groups.reserve(own_.size());
  for (size_t i = 0; i < own_.size(); ++i) {
    if (own_[i].group == nullptr) {
      next.groups.push_back(base_->groups[i]);
    } else {
      next.groups.push_back(std::move(own_[i].group));
    }
  }
  pool_.drop_idle();
  next.pool = std::move(pool_);
}

}  // namespace recfast
