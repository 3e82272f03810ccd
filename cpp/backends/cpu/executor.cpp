#include "backends/cpu/executor.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace recfast::cpu {
namespace {

// A tile's frame stays within this many bytes, so that it lives in the L1 and L2 caches.
constexpr int64_t kTileBytes = 48 * 1024;
// The row block of the linear kernel: tiles are multiples of it.
constexpr int64_t kRowBlock = 6;
constexpr int64_t kMaxTileRows = 96;

int64_t tile_rows(int64_t width) {
  const int64_t rows = kTileBytes / static_cast<int64_t>(sizeof(float)) / std::max<int64_t>(width, 1);
  return std::clamp(rows / kRowBlock * kRowBlock, kRowBlock, kMaxTileRows);
}

// Whole cache lines, an odd number of them: rows at the same column spread over all sets of the L1 cache.
int64_t frame_stride(int64_t width) {
  constexpr int64_t kLine = kAlignment / sizeof(float);
  static_assert(kLine == kPanel);
  return packed_width(std::max<int64_t>(width, 1)) / kLine / 2 * 2 * kLine + kLine;
}

// Asks for all that is left.
void fetch(Ahead& ahead) noexcept {
  for (; ahead.row < ahead.count; ++ahead.row, ahead.at = 0) {
    const Memory& row = ahead.rows[ahead.row];
    for (; ahead.at < row.bytes; ahead.at += kAlignment) {
      __builtin_prefetch(static_cast<const uint8_t*>(row.data) + ahead.at, 0, 2);
    }
  }
}

void check_inputs(const Program& program, const Encoder& encoder) {
  const auto& specs = encoder.specs();
  if (static_cast<size_t>(program.num_inputs()) != specs.size()) {
    throw ValueError("the program has " + std::to_string(program.num_inputs()) + " inputs, the schema gives " +
                     std::to_string(specs.size()) + " arrays");
  }
  for (size_t i = 0; i < specs.size(); ++i) {
    const Slot& slot = program.slots()[i];
    if (slot.name != specs[i].name || slot.side != specs[i].side || slot.kind != specs[i].kind ||
        slot.width != specs[i].width) {
      throw ValueError("the program's input " + std::to_string(i) + " is '" + slot.name + "', the schema gives '" +
                       specs[i].name + "' there; name, side, kind and width must agree");
    }
  }
}

}  // namespace

Executor::Executor(std::shared_ptr<const Encoder> encoder, std::shared_ptr<const Program> program,
                   const KernelTable& kernels, std::span<const split::NamedPart> named)
    : encoder_(std::move(encoder)), program_(std::move(program)), kernels_(&kernels) {
  check_inputs(*program_, *encoder_);
  split::Plan plan = split::make_plan(*program_, named);
  const auto arena = std::make_shared<Arena>();
  for (const Side side : {Side::kRequest, Side::kItem, Side::kPair}) {
    const split::Stage& planned = plan.stage(side);
    Stage& stage = stages_[static_cast<size_t>(side)];
    stage.width = frame_stride(planned.width);
    stage.rows = tile_rows(stage.width);
    for (const split::Step& step : planned.steps)
      stage.steps.push_back(std::visit([&](const auto& kind) { return bind(kind, {kernels, *arena}); }, step));
  }
  arena_ = arena;
  stored_ = std::move(plan.stored);
  item_width_ = plan.item_width;
  score_ = plan.score;
  form_ = std::move(plan.form);
  named_.assign(named.begin(), named.end());
  named_from_ = std::move(plan.named);
  for (const split::NamedPart& part : named_) named_width_ += part.width;
}

void Executor::run(const Stage& stage, Tile& tile, Workspace& work) const {
  work.pointers.resize(static_cast<size_t>(2 * tile.rows));
  work.scalars.resize(static_cast<size_t>(tile.rows));
  tile.pointers = work.pointers.data();
  tile.scalars = work.scalars.data();
  for (const auto& step : stage.steps) step->run(tile);
  if (tile.ahead != nullptr) fetch(*tile.ahead);  // what the layers had no time for
}

template <class Prepare, class Finish>
void Executor::run_tiles(const Stage& stage, const EncodedArrays& encoded, int64_t first, int64_t rows, Workspace& work,
                         Prepare&& prepare, Finish&& finish) const {
  // The rows of all tables are asked for before the first of them is read: a tile's while the one before it computes.
  const auto gather = [&](int64_t done, std::vector<Memory>& out) {
    out.clear();
    const Tile tile{.rows = std::min(stage.rows, rows - done), .arrays = encoded.data(), .first = first + done};
    for (const auto& step : stage.steps) step->gather(tile, out);
  };
  if (rows > 0) gather(0, work.now);
  Ahead now{.rows = work.now.data(), .count = static_cast<int64_t>(work.now.size())};
  fetch(now);
  for (int64_t done = 0; done < rows; done += stage.rows) {
    Tile tile{.rows = std::min(stage.rows, rows - done),
              .stride = stage.width,
              .arrays = encoded.data(),
              .first = first + done};
    prepare(tile, done);
    Ahead ahead;
    if (done + stage.rows < rows) {
      gather(done + stage.rows, work.next);
      ahead = {.rows = work.next.data(), .count = static_cast<int64_t>(work.next.size())};
      tile.ahead = &ahead;
    }
    run(stage, tile, work);
    finish(tile, done);
  }
}

void Executor::run_requests(const EncodedArrays& encoded, int64_t first, int64_t rows, float* out,
                            Workspace& work) const {
  const Stage& stage = stages_[static_cast<size_t>(Side::kRequest)];
  run_tiles(
      stage, encoded, first, rows, work, [&](Tile& tile, int64_t done) { tile.frame = out + done * stage.width; },
      [](const Tile&, int64_t) {});
}

void Executor::run_items(const EncodedArrays& encoded, int64_t first, int64_t rows, float* out, Workspace& work) const {
  const Stage& stage = stages_[static_cast<size_t>(Side::kItem)];
  work.frame.resize(static_cast<size_t>(stage.rows * stage.width));
  run_tiles(
      stage, encoded, first, rows, work, [&](Tile& tile, int64_t) { tile.frame = work.frame.data(); },
      [&](const Tile& tile, int64_t done) {
        for (int64_t r = 0; r < tile.rows; ++r) {
          float* to = out + (done + r) * item_width_;
          for (const split::Stored& range : stored_) {
            std::memcpy(to + range.store_offset, tile.frame + r * stage.width + range.frame_offset,
                        static_cast<size_t>(range.width) * sizeof(float));
          }
        }
      });
}

Tile Executor::run_pair_stage(const EncodedArrays& encoded, int64_t first, int64_t rows, const float* const* request,
                              const float* const* item, Workspace& work, Ahead* ahead) const {
  const Stage& stage = stages_[static_cast<size_t>(Side::kPair)];
  work.frame.resize(static_cast<size_t>(stage.rows * stage.width));
  Tile tile{.rows = rows,
            .frame = work.frame.data(),
            .stride = stage.width,
            .arrays = encoded.data(),
            .first = first,
            .request = request,
            .item = item,
            .ahead = ahead};
  run(stage, tile, work);
  return tile;
}

void Executor::run_pairs(const EncodedArrays& encoded, int64_t first, int64_t rows, const float* const* request,
                         const float* const* item, float* scores, Workspace& work, Ahead* ahead) const {
  const Tile tile = run_pair_stage(encoded, first, rows, request, item, work, ahead);
  for (int64_t r = 0; r < rows; ++r) scores[r] = tile.at(score_)[r * tile.stride];
}

void Executor::read_named(const EncodedArrays& encoded, int64_t first, int64_t rows, const float* const* request,
                          const float* const* item, float* out, Workspace& work) const {
  const Tile tile = run_pair_stage(encoded, first, rows, request, item, work, nullptr);
  int64_t column = 0;
  for (size_t i = 0; i < named_.size(); ++i) {
    const int64_t width = named_[i].width;
    const float* const* from = tile.rows_of(named_from_[i], 0);
    for (int64_t r = 0; r < rows; ++r)
      std::memcpy(out + r * named_width_ + column, from[r], static_cast<size_t>(width) * sizeof(float));
    column += width;
  }
}

}  // namespace recfast::cpu
