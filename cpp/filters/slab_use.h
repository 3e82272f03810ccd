#pragma once
// SlabUse: how much of the memory that blocks were written into together one version still reads. A slab is given back
// when its last block is; a few that are left over would keep all of it.

#include <cstdint>
#include <vector>

#include "filters/block_builder.h"

namespace recfast {

class SlabUse {
 public:
  // Blocks that the version has now. One that was written alone needs no attention.
  void add(const AttributeBlocks& blocks);
  // A block that it no longer has.
  void drop(const AttributeBlock& block) noexcept;
  // Of a slab: what is left of it is written anew.
  void forget(const void* slab) noexcept;
  // A slab of which over a quarter is read no more, or null. A block costs three copies of others then, at most.
  const void* wasteful() const noexcept;

 private:
  struct Slab {
    const void* memory;
    int64_t written;  // bytes
    int64_t left;
  };
  std::vector<Slab> slabs_;
};

}  // namespace recfast
