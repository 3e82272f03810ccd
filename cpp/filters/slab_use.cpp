#include "filters/slab_use.h"

namespace recfast {

void SlabUse::add(const AttributeBlocks& blocks) {
  for (size_t first = 0; first < blocks.size();) {
    const void* memory = blocks[first]->slab();
    int64_t bytes = 0;
    size_t end = first;
    for (; end < blocks.size() && blocks[end]->slab() == memory; ++end) bytes += blocks[end]->size_bytes();
    if (end - first > 1 && bytes > 0) slabs_.push_back({memory, bytes, bytes});
    first = end;
  }
}

void SlabUse::drop(const AttributeBlock& block) noexcept {
  for (Slab& slab : slabs_) {
    if (slab.memory != block.slab()) continue;
    slab.left -= block.size_bytes();
    if (slab.left <= 0) forget(slab.memory);  // its memory may come again as another slab's
    return;
  }
}

void SlabUse::forget(const void* memory) noexcept {
  std::erase_if(slabs_, [&](const Slab& slab) { return slab.memory == memory; });
}

const void* SlabUse::wasteful() const noexcept {
  for (const Slab& slab : slabs_) {
    if ((slab.written - slab.left) * 4 > slab.written) return slab.memory;
  }
  return nullptr;
}

}  // namespace recfast
