#include "backends/cuda/pair_stage.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "kernels/cuda/kernels.h"
#include "kernels/cuda/ranked.cuh"
#include "split/plan.h"

namespace recfast::cuda {
namespace {

constexpr int64_t kFloat = sizeof(float);
constexpr int64_t kKey = sizeof(uint64_t);

// How many of the best are selected where k are wanted: few different numbers, so that few graphs serve all. 0: beyond
// the kernel.
int64_t selected(int64_t k, int64_t rows) {
  if (k > kMaxTopK) return 0;
  return std::min({std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(k, 16))), static_cast<uint64_t>(rows),
                   static_cast<uint64_t>(kMaxTopK)});
}

bool has_pair_bags(const Encoder& encoder) {
  return std::any_of(encoder.specs().begin(), encoder.specs().end(), [](const auto& spec) {
    return spec.side == Side::kPair && (spec.kind == InputKind::kBag || spec.kind == InputKind::kWeightedBag);
  });
}

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

PairStage::PairStage(const cpu::Executor& executor, std::shared_ptr<const PairEngine> engine)
    : encoder_(executor.share_encoder()), program_(executor.share_program()), process_(getpid()) {
  check_device();
  const split::Plan plan = split::make_plan(*program_, executor.named());
  const split::Stage& stage = plan.stage(Side::kPair);
  if (engine != nullptr) network_ = std::make_unique<PairNetwork>(std::move(engine), plan, executor.named());
  sizes_ = {.frame_width = std::max<int64_t>(stage.width, kPanel),
            .request_width = executor.request_width(),
            .item_width = plan.item_width,
            .network = network_.get(),
            .recordable = !has_pair_bags(*encoder_)};
  score_ = plan.score;
  for (const split::Step& step : network_ != nullptr ? network_->needed(stage) : stage.steps)
    steps_.push_back(bind_step(step));
}

int64_t PairStage::arena_rows(size_t bucket) const noexcept {
  const int64_t rows = kBuckets[bucket];
  return network_ == nullptr ? rows : std::clamp(rows, network_->engine().least_rows(), network_->engine().most_rows());
}

void PairStage::check_process() const {
  cuda::check_process(process_, "Ranker");
}

PairStage::Lease PairStage::lease(int64_t rows) const {
  size_t bucket = 0;
  while (bucket + 1 < std::size(kBuckets) && arena_rows(bucket) < std::min(rows, arena_rows(bucket + 1))) ++bucket;
  return Lease(
      arenas_, bucket, [&](size_t of) { return std::make_unique<Arena>(sizes_, arena_rows(of)); },
      [&](const OutOfDeviceMemory& error) {
        throw DeviceError("the device's memory is not enough for " + std::to_string(arena_rows(0)) +
                          " candidates at a time, which take " +
                          std::to_string(Arena::device_bytes(sizes_, arena_rows(0))) + " bytes: " + error.what());
      });
}

void PairStage::set_request(Arena& arena, const float* row) const {
  std::memcpy(arena.host_request.as<void>(), row, static_cast<size_t>(sizes_.request_width * kFloat));
}

void PairStage::rank(Arena& arena, std::span<const uint32_t> rows, const ItemVersion* resident,
                     const EncodedArrays& pair, int64_t k, TopKCollector& collector) const {
  const auto count = static_cast<int64_t>(rows.size());
  const int64_t row_bytes = arena.rows * static_cast<int64_t>(sizeof(uint32_t));
  const int64_t width_bytes = sizes_.item_width * kFloat;
  // What is uploaded. Rows behind the last candidate repeat it, and are no candidates to top_k.
  std::vector<ItemColumns> items;
  if (resident != nullptr) {
    items = resident->columns();
    auto* index = arena.host_index.as<uint32_t>();
    for (size_t r = 0; r < rows.size(); ++r) index[r] = resident->row(rows[r]);
    std::fill(index + count, index + arena.rows, index[count - 1]);
  } else {
    arena.items.reserve(arena.rows * width_bytes);
    items.push_back({0, {.data = arena.items.as<void>(), .row_bytes = width_bytes, .dim = sizes_.item_width}});
    auto* values = arena.host_items.as<float>();
    for (int64_t r = count; r < arena.rows; ++r)
      std::memcpy(values + r * sizes_.item_width, values + (count - 1) * sizes_.item_width,
                  static_cast<size_t>(width_bytes));
  }
  auto* order = arena.host_order.as<uint32_t>();
  std::copy(rows.begin(), rows.end(), order);
  std::fill(order + count, order + arena.rows, kNoRow);
  arena.set_arrays(*encoder_, pair, count);

  const cudaStream_t stream = arena.stream.get();
  const int64_t wanted = selected(k, arena.rows);
  const Tile tile{.rows = arena.rows,
                  .frame = {arena.frame.as<float>(), sizes_.frame_width},
                  .request = arena.request.as<float>(),
                  .items = items,
                  .index = resident != nullptr ? arena.index.as<uint32_t>() : nullptr,
                  .arrays = arena.arrays.data(),
                  .stream = stream};
  const auto enqueue = [&] {
    upload(arena.request.as<void>(), arena.host_request.as<void>(), sizes_.request_width * kFloat, stream);
    if (resident != nullptr)
      upload(arena.index.as<void>(), arena.host_index.as<void>(), row_bytes, stream);
    else
      upload(arena.items.as<void>(), arena.host_items.as<void>(), arena.rows * width_bytes, stream);
    arena.upload_arrays();
    for (const auto& step : steps_) step->enqueue(tile);
    if (network_ != nullptr) {
      network_->enqueue(tile, arena.network);
    } else {
      const Operand score = tile.operand({split::Operand::Source::kFrame, score_});
      RECFAST_CUDA_CHECK(join_rows(score, nullptr, arena.rows, 1, false, {arena.scores.as<float>(), 1}, stream));
    }
    if (wanted == 0) {
      download(arena.host_best.as<void>(), arena.scores.as<void>(), arena.rows * kFloat, stream);
      return;
    }
    upload(arena.order.as<void>(), arena.host_order.as<void>(), row_bytes, stream);
    RECFAST_CUDA_CHECK(top_k(arena.scores.as<float>(), arena.rows, arena.order.as<uint32_t>(), 1, arena.rows, wanted,
                             arena.scratch.as<void>(), arena.best.as<uint64_t>(), stream));
    download(arena.host_best.as<void>(), arena.best.as<void>(), wanted * kKey, stream);
  };
  Graphs::Key key{static_cast<uintptr_t>(wanted), reinterpret_cast<uintptr_t>(tile.index),
                  reinterpret_cast<uintptr_t>(arena.array_memory())};
  for (const ItemColumns& range : items) {
    key.push_back(reinterpret_cast<uintptr_t>(range.rows.data));
    key.push_back(reinterpret_cast<uintptr_t>(range.rows.scales));
  }
  if (arena.graphs.run(stream, key, enqueue)) graph_launches_.fetch_add(1, std::memory_order_relaxed);
  arena.stream.wait();
  if (wanted == 0) {  // beyond the kernel: the CPU selects
    collector.push_rows(arena.host_best.as<float>(), rows.data(), count);
    return;
  }
  for (int64_t i = 0; i < std::min({k, wanted, count}); ++i) {
    const uint64_t best_key = arena.host_best.as<uint64_t>()[i];
    const float best = ranked_score(best_key);
    const uint32_t row = ranked_row(best_key);
    collector.push_rows(&best, &row, 1);
  }
}

}  // namespace recfast::cuda
