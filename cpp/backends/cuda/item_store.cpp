#include "backends/cuda/item_store.h"

#include <mutex>
#include <string>

namespace recfast::cuda {

std::vector<ItemColumns> ItemVersion::columns() const {
  std::vector<ItemColumns> out;
  for (size_t i = 0; i < ranges_.size(); ++i) out.push_back({ranges_[i].first, region_->ranges[i].view()});
  return out;
}

ItemStore::ItemStore(std::vector<ItemRange> ranges, int64_t row_bytes)
    : ranges_(std::move(ranges)), row_bytes_(row_bytes) {}

std::shared_ptr<const ItemVersion> ItemStore::resident(const Blocks& blocks) const {
  std::shared_ptr<const ItemVersion> newest = newest_.load();
  if (newest != nullptr && newest->key_ == blocks.key) return newest;
  const std::lock_guard turn(uploading_);
  newest = newest_.load();
  if (newest != nullptr && newest->key_ == blocks.key) return newest;
  std::shared_ptr<const ItemVersion> next = add(blocks, newest.get());
  newest_.store(next);
  return next;
}

std::shared_ptr<const ItemVersion> ItemStore::add(const Blocks& blocks, const ItemVersion* base) const {
  auto next = std::make_shared<ItemVersion>();
  next->key_ = blocks.key;
  next->ranges_ = ranges_;
  next->slots_.resize(static_cast<size_t>(blocks.count));
  int64_t missing = 0;
  for (size_t b = 0; b < next->slots_.size(); ++b) {
    if (base != nullptr && b < base->slots_.size() && base->slots_[b]->block == blocks.at(static_cast<int64_t>(b)))
      next->slots_[b] = base->slots_[b];
    else
      ++missing;
  }
  int64_t free = 0;
  if (base != nullptr) {
    for (const auto& holder : base->region_->holders) free += holder.expired() ? 1 : 0;
  }
  if (base != nullptr && free >= missing) {
    next->region_ = base->region_;
  } else {  // a larger region, into which everything goes anew
    auto region = std::make_shared<ItemVersion::Region>();
    const int64_t slots = blocks.count + blocks.count / 4 + 4;
    region->holders.resize(static_cast<size_t>(slots));
    try {
      for (const ItemRange& range : ranges_) region->ranges.emplace_back(range.format, slots * kBlockRows, range.width);
    } catch (const OutOfDeviceMemory& error) {
      throw OutOfDeviceMemory("the catalogue's " + std::to_string(blocks.count * blocks.rows) + " item rows need " +
                              std::to_string(slots * kBlockRows * row_bytes_) + " bytes of device memory: " +
                              error.what() + "; use a smaller dtype= of the Catalog, or device=\"cpu\"");
    }
    next->region_ = std::move(region);
    next->slots_.assign(next->slots_.size(), nullptr);
  }
  std::vector<std::weak_ptr<const ItemVersion::Slot>>& holders = next->region_->holders;
  size_t place = 0;
  for (size_t b = 0; b < next->slots_.size(); ++b) {
    if (next->slots_[b] != nullptr) continue;
    while (!holders[place].expired()) ++place;
    auto slot = std::make_shared<ItemVersion::Slot>();
    slot->index = static_cast<int64_t>(place);
    slot->block = blocks.at(static_cast<int64_t>(b));
    for (size_t i = 0; i < ranges_.size(); ++i)
      next->region_->ranges[i].put(slot->index * kBlockRows, blocks.rows, slot->block.get() + ranges_[i].begin,
                                   row_bytes_);
    next->slots_[b] = slot;
    holders[place] = slot;
  }
  return next;
}

}  // namespace recfast::cuda
