#include "filters/block_builder.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "base/error.h"

namespace recfast {
namespace {

std::atomic<uint64_t> last_serial{0};

// What the blocks point into, and the blocks themselves: they live as long as one of them is used.
struct Slab {
  std::vector<CellWriter> memory;
  std::vector<AttributeCells> cells;  // [blocks, attributes]
  std::vector<AttributeBlock> blocks;
  std::optional<Counted> allocated;
};

// One block of it, which some version reads.
struct UsedBlock {
  UsedBlock(std::shared_ptr<const Slab> slab, const std::shared_ptr<MemoryUse>& use, int64_t bytes)
      : slab(std::move(slab)), used(use, &MemoryUse::used, bytes) {}
  std::shared_ptr<const Slab> slab;
  Counted used;
};

}  // namespace

CellWriter::CellWriter(const Attribute& attribute, int64_t rows)
    : type_(attribute.type), list_(attribute.is_list()), value_bytes_(attribute.value_bytes()) {
  if (type_ == AttributeType::kUnknown) return;
  const int64_t blocks = block_count(rows);
  valid_.resize(static_cast<size_t>(blocks * kBlockWords));
  if (list_) {
    ends_.resize(static_cast<size_t>(rows));
    offsets_.resize(static_cast<size_t>(blocks * (kBlockRows + 1)));
  } else if (type_ == AttributeType::kBool) {
    values_.resize(static_cast<size_t>(blocks * kBlockWords) * sizeof(uint64_t));
  } else {
    values_.resize(checked_mul(static_cast<size_t>(blocks * kBlockRows), static_cast<size_t>(value_bytes_), "rows"));
  }
}

void CellWriter::reserve_elements(int64_t elements) {
  values_.resize(checked_mul(static_cast<size_t>(elements), static_cast<size_t>(value_bytes_), "list elements"));
}

BlockBuilder::BlockBuilder(const AttributeSchema& schema, int64_t rows) : rows_(rows), use_(schema.use()) {
  writers_.reserve(schema.size());
  for (const Attribute& attribute : schema.attributes()) writers_.emplace_back(attribute, rows);
}

AttributeBlocks BlockBuilder::finish(std::span<const uint64_t> serials) && {
  const int64_t blocks = block_count(rows_);
  const size_t attributes = writers_.size();
  auto slab = std::make_shared<Slab>();
  slab->memory = std::move(writers_);
  slab->cells.resize(static_cast<size_t>(blocks) * attributes);
  slab->blocks.reserve(static_cast<size_t>(blocks));
  std::vector<int64_t> bytes(static_cast<size_t>(blocks));
  int64_t all_bytes = 0;
  for (size_t a = 0; a < attributes; ++a) {
    CellWriter& writer = slab->memory[a];
    if (writer.type_ == AttributeType::kUnknown) continue;
    int64_t first = 0;  // element of the block
    for (int64_t block = 0; block < blocks; ++block) {
      const int64_t rows = std::min(kBlockRows, rows_ - block * kBlockRows);
      const uint64_t* valid = writer.valid_.data() + block * kBlockWords;
      bool any = false;
      bool all = true;
      for (int64_t w = 0; w < kBlockWords; ++w) {
        any |= valid[w] != 0;
        all &= valid[w] == row_bits(rows, w);
      }
      int64_t& taken = bytes[static_cast<size_t>(block)];
      taken += kBlockWords * static_cast<int64_t>(sizeof(uint64_t));
      AttributeCells& cells = slab->cells[static_cast<size_t>(block) * attributes + a];
      if (writer.list_) {
        uint32_t* offsets = writer.offsets_.data() + block * (kBlockRows + 1);
        int64_t end = first;
        for (int64_t row = 0; row < rows; ++row) {
          end = std::max(end, writer.ends_[static_cast<size_t>(block * kBlockRows + row)]);
          if (end - first > UINT32_MAX) throw ValueError("the lists of 256 rows hold over 2**32 - 1 elements");
          offsets[row + 1] = static_cast<uint32_t>(end - first);
        }
        std::fill(offsets + rows + 1, offsets + kBlockRows + 1, static_cast<uint32_t>(end - first));
        if (any) cells = {writer.values_.data() + first * writer.value_bytes_, offsets, all ? nullptr : valid};
        taken += (kBlockRows + 1) * static_cast<int64_t>(sizeof(uint32_t)) + (end - first) * writer.value_bytes_;
        first = end;
      } else {
        const int64_t block_bytes = writer.type_ == AttributeType::kBool
                                        ? kBlockWords * static_cast<int64_t>(sizeof(uint64_t))
                                        : kBlockRows * writer.value_bytes_;
        if (any) cells = {writer.values_.data() + block * block_bytes, nullptr, all ? nullptr : valid};
        taken += block_bytes;
      }
    }
    writer.ends_ = AlignedBuffer<int64_t>();
  }
  AttributeBlocks out;
  out.reserve(static_cast<size_t>(blocks));
  for (int64_t block = 0; block < blocks; ++block) {
    const std::span<const AttributeCells> cells(slab->cells.data() + static_cast<size_t>(block) * attributes,
                                                attributes);
    const int64_t taken = bytes[static_cast<size_t>(block)];
    const uint64_t serial =
        serials.empty() ? last_serial.fetch_add(1, std::memory_order_relaxed) + 1 : serials[static_cast<size_t>(block)];
    slab->blocks.emplace_back(cells, slab.get(), std::min(kBlockRows, rows_ - block * kBlockRows), serial, taken);
    out.emplace_back(std::make_shared<UsedBlock>(slab, use_, taken), &slab->blocks.back());
    all_bytes += taken;
  }
  slab->allocated.emplace(use_, &MemoryUse::allocated, all_bytes);
  return out;
}

}  // namespace recfast
