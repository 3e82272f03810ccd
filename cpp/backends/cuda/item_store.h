#pragma once
// ItemStore: the item rows of a catalogue's newest version in device memory, in the catalogue's row format. A version
// that shares blocks with the one before shares their copies; only changed blocks are uploaded.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "backends/cuda/device_rows.h"
#include "backends/cuda/step.h"
#include "base/blocks.h"
#include "base/process_mutex.h"
#include "base/published.h"

namespace recfast::cuda {

// How a stored item row lies in host memory: ranges of columns, each a row of a format of its own.
struct ItemRange {
  int64_t begin = 0;  // of its bytes
  int64_t first = 0;  // column
  int64_t width = 0;
  RowFormat format = RowFormat::kF32;
};

class ItemVersion {
 public:
  uint32_t row(int64_t row) const noexcept {
    return static_cast<uint32_t>(slots_[static_cast<size_t>(row / kBlockRows)]->index * kBlockRows + row % kBlockRows);
  }
  std::vector<ItemColumns> columns() const;

 private:
  friend class ItemStore;
  // The copy of a block. It keeps the host's, so that no other block comes to lie at its address.
  struct Slot {
    int64_t index = 0;
    std::shared_ptr<const uint8_t> block;
  };
  struct Region {
    std::vector<OwnedRows> ranges;                   // of columns
    std::vector<std::weak_ptr<const Slot>> holders;  // who holds which slot; the store's, under its mutex
  };
  std::shared_ptr<const void> key_;
  std::shared_ptr<Region> region_;
  std::vector<ItemRange> ranges_;
  std::vector<std::shared_ptr<const Slot>> slots_;  // by block
};

class ItemStore {
 public:
  ItemStore(std::vector<ItemRange> ranges, int64_t row_bytes);

  // The blocks of a version, whose rows are numbered block by block. rows: of a block that can be read.
  struct Blocks {
    std::shared_ptr<const void> key;  // equal for the same version; kept until the next one
    int64_t count = 0;
    int64_t rows = kBlockRows;
    std::function<std::shared_ptr<const uint8_t>(int64_t)> at;
  };
  // Uploads what is not there yet. Throws DeviceError saying how much memory was asked for.
  std::shared_ptr<const ItemVersion> resident(const Blocks& blocks) const;

 private:
  std::shared_ptr<const ItemVersion> add(const Blocks& blocks, const ItemVersion* base) const;

  std::vector<ItemRange> ranges_;
  int64_t row_bytes_;
  mutable ProcessMutex uploading_;
  mutable Published<const ItemVersion> newest_{nullptr};
};

}  // namespace recfast::cuda
