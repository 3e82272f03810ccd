// The pair stage on CUDA's first device: item rows resident, blocks of a version shared with the one before.

#include "backends/cuda/pair_stage.h"
#include "ranking/pair_device.h"

namespace recfast {
namespace {

class CudaPairs final : public PairDevice {
 public:
  CudaPairs(const Catalog& catalog, std::shared_ptr<const PairEngine> engine)
      : executor_(catalog.share_executor()),
        stage_(*executor_, std::move(engine)),
        items_(ranges_of(catalog.current()->format), catalog.current()->format.row_bytes()) {}

  int64_t most_rows() const noexcept override { return stage_.most_rows(); }
  int64_t graph_launches() const noexcept override { return stage_.graph_launches(); }

  void scan(const std::shared_ptr<const Snapshot>& snapshot, std::span<const uint32_t> rows, const int64_t* positions,
            int64_t k, Work& work) const override {
    stage_.check_process();
    if (rows.empty()) return;
    const bool fresh = snapshot->encoded != nullptr;
    const std::shared_ptr<const cuda::ItemVersion> resident = fresh ? nullptr : items_.resident(blocks_of(snapshot));
    const cuda::PairStage::Lease arena = stage_.lease(static_cast<int64_t>(rows.size()));
    stage_.set_request(*arena, work.request_row.data());
    const auto tile_rows = static_cast<size_t>(arena->rows);
    for (size_t first = 0; first < rows.size(); first += tile_rows) {
      const std::span<const uint32_t> tile = rows.subspan(first, std::min(tile_rows, rows.size() - first));
      if (fresh) {
        arena->host_items.reserve(arena->rows * executor_->item_width() * static_cast<int64_t>(sizeof(float)));
        run_items(*executor_, *snapshot->encoded, tile, arena->host_items.as<float>(), work.stage);
      }
      work.pair.fill(tile, positions == nullptr ? nullptr : positions + first);
      stage_.rank(*arena, tile, resident.get(), work.pair.arrays(), k, work.collector);
    }
  }

 private:
  static std::vector<cuda::ItemRange> ranges_of(const ItemFormat& format) {
    std::vector<cuda::ItemRange> ranges;
    format.for_each_range([&](int64_t begin, int64_t first, int64_t width, RowFormat as) {
      ranges.push_back({begin, first, width, as});
    });
    return ranges;
  }
  static cuda::ItemStore::Blocks blocks_of(const std::shared_ptr<const Snapshot>& snapshot) {
    return {.key = snapshot,
            .count = block_count(snapshot->rows),
            .rows = snapshot->layout.capacity,
            .at = [&items = *snapshot](int64_t block) { return items.memory(block); }};
  }

  std::shared_ptr<const cpu::Executor> executor_;
  cuda::PairStage stage_;
  cuda::ItemStore items_;
};

}  // namespace

void check_cuda() {
  cuda::check_device();
}

std::shared_ptr<const PairDevice> cuda_pairs(const Catalog& catalog, std::shared_ptr<const PairEngine> engine) {
  return std::make_shared<const CudaPairs>(catalog, std::move(engine));
}

}  // namespace recfast
