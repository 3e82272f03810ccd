#include "backends/cuda/pair_stage.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "kernels/cuda/kernels.h"
#include "kernels/cuda/ranked.cuh"
#include "split/plan.h"

namespace recfast::cuda {
namespace {

constexpr int64_t kFloat = sizeof(float);

std::unique_ptr<Step> bind_step(const split::Step& step) {
  return std::visit(
      [&]<class Kind>(const Kind& kind) -> std::unique_ptr<Step> {
        if constexpr (Runs<Kind>) {
          return bind(kind);
        } else {
          throw ValueError("device=\"cuda\" does not run '" + std::string(split::step_name(step)) +
                           "' once per candidate; use device=\"cpu\"");
        }
      },
      step);
}

}  // namespace

PairStage::PairStage(std::shared_ptr<const Encoder> encoder, std::shared_ptr<const Program> program,
                     int64_t request_width)
    : encoder_(std::move(encoder)), program_(std::move(program)), process_(getpid()) {
  check_device();
  const split::Plan plan = split::make_plan(*program_);
  const split::Stage& stage = plan.stage(Side::kPair);
  sizes_ = {.frame_width = std::max<int64_t>(stage.width, kPanel),
            .request_width = request_width,
            .item_width = plan.item_width};
  score_ = plan.score;
  for (const split::Step& step : stage.steps) steps_.push_back(bind_step(step));
}

void PairStage::check_process() const {
  cuda::check_process(process_, "Ranker");
}

PairStage::Lease PairStage::lease(int64_t rows) const {
  size_t bucket = 0;
  while (bucket + 1 < std::size(kBuckets) && kBuckets[bucket] < rows) ++bucket;
  return Lease(
      arenas_, bucket, [&](size_t of) { return std::make_unique<Arena>(sizes_, kBuckets[of]); },
      [&](const OutOfDeviceMemory& error) {
        throw DeviceError("the device's memory is not enough for " + std::to_string(kBuckets[0]) +
                          " candidates at a time, which take " +
                          std::to_string(Arena::device_bytes(sizes_, kBuckets[0])) + " bytes: " + error.what());
      });
}

void PairStage::set_request(Arena& arena, const float* row) const {
  const int64_t bytes = sizes_.request_width * kFloat;
  std::memcpy(arena.host_request.as<void>(), row, static_cast<size_t>(bytes));
  upload(arena.request.as<void>(), arena.host_request.as<void>(), bytes, arena.stream.get());
}

void PairStage::rank(Arena& arena, std::span<const uint32_t> rows, const ItemVersion* resident,
                     const EncodedArrays& pair, int64_t k, TopKCollector& collector) const {
  const auto count = static_cast<int64_t>(rows.size());
  const auto row_bytes = count * static_cast<int64_t>(sizeof(uint32_t));
  const cudaStream_t stream = arena.stream.get();
  std::vector<ItemColumns> items;
  if (resident != nullptr) {
    items = resident->columns();
    auto* index = arena.host_index.as<uint32_t>();
    for (size_t r = 0; r < rows.size(); ++r) index[r] = resident->row(rows[r]);
    upload(arena.index.as<void>(), index, row_bytes, stream);
  } else {
    const int64_t width_bytes = sizes_.item_width * kFloat;
    arena.items.reserve(count * width_bytes);
    upload(arena.items.as<void>(), arena.host_items.as<void>(), count * width_bytes, stream);
    items.push_back({0, {.data = arena.items.as<void>(), .row_bytes = width_bytes, .dim = sizes_.item_width}});
  }
  arena.set_arrays(*encoder_, pair, count);
  const Tile tile{.rows = count,
                  .frame = {arena.frame.as<float>(), sizes_.frame_width},
                  .request = arena.request.as<float>(),
                  .items = items,
                  .index = resident != nullptr ? arena.index.as<uint32_t>() : nullptr,
                  .arrays = arena.arrays.data(),
                  .stream = stream};
  for (const auto& step : steps_) step->enqueue(tile);
  const Operand score = tile.operand({split::Operand::Source::kFrame, score_});
  RECFAST_CUDA_CHECK(join_rows(score, nullptr, count, 1, false, {arena.scores.as<float>(), 1}, stream));
  if (k > kMaxTopK) {  // beyond the kernel: the CPU selects
    download(arena.host_best.as<void>(), arena.scores.as<void>(), count * kFloat, stream);
    arena.stream.wait();
    collector.push_rows(arena.host_best.as<float>(), rows.data(), count);
    return;
  }
  std::memcpy(arena.host_order.as<void>(), rows.data(), static_cast<size_t>(row_bytes));
  upload(arena.order.as<void>(), arena.host_order.as<void>(), row_bytes, stream);
  const int64_t wanted = std::min(k, count);
  RECFAST_CUDA_CHECK(top_k(arena.scores.as<float>(), count, arena.order.as<uint32_t>(), 1, count, wanted,
                           arena.scratch.as<void>(), arena.best.as<uint64_t>(), stream));
  download(arena.host_best.as<void>(), arena.best.as<void>(), wanted * static_cast<int64_t>(sizeof(uint64_t)), stream);
  arena.stream.wait();
  for (int64_t i = 0; i < wanted; ++i) {
    const uint64_t key = arena.host_best.as<uint64_t>()[i];
    const float best = ranked_score(key);
    const uint32_t row = ranked_row(key);
    collector.push_rows(&best, &row, 1);
  }
}

}  // namespace recfast::cuda
