#include "ranking/work.h"

namespace recfast {
namespace {

void prefetch_keys(const Snapshot& snapshot, int64_t row) {
  for (size_t key = 0; key < snapshot.match_key_types.size(); ++key) __builtin_prefetch(snapshot.match_key(key, row));
}

// In bytes; the two need not lie in one piece of memory.
int64_t distance(const void* from, const void* to) {
  return static_cast<int64_t>(reinterpret_cast<uintptr_t>(to) - reinterpret_cast<uintptr_t>(from));
}

// The stored rows of the tile that begins at `first`.
void look_ahead(const Snapshot& snapshot, std::span<const uint32_t> rows, size_t first, size_t tile_rows, Work& work) {
  work.ahead.clear();
  for (size_t i = first; i < std::min(rows.size(), first + tile_rows); ++i) {
    work.ahead.push_back({.data = snapshot.item(rows[i]), .bytes = snapshot.layout.row_bytes});
    prefetch_keys(snapshot, rows[i]);
  }
}

// Item sides that are computed together, in tiles: few enough to stay in the L2 cache until they are read.
constexpr size_t kComputedTiles = 4;

// work.item_rows: the item sides of the tile.
void score_tile(const cpu::Executor& executor, std::span<const uint32_t> tile, const int64_t* positions, Ahead* ahead,
                Work& work) {
  work.pair.fill(tile, positions);
  const auto count = static_cast<int64_t>(tile.size());
  executor.run_pairs(work.pair.arrays(), 0, count, work.request_rows.data(), work.item_rows.data(), work.scores.data(),
                     work.stage, ahead);
  work.collector.push_rows(work.scores.data(), tile.data(), count);
}

// scan() of items that come with the request.
void scan_encoded(const cpu::Executor& executor, const EncodedArrays& items, std::span<const uint32_t> rows,
                  const int64_t* positions, Work& work) {
  const auto tile_rows = static_cast<size_t>(executor.pair_rows());
  const auto width = static_cast<size_t>(executor.item_width());
  const size_t most = kComputedTiles * tile_rows;
  work.items.resize(std::min(most, rows.size()) * width);
  for (size_t first = 0; first < rows.size(); first += tile_rows) {
    const size_t place = first % most;
    if (place == 0)
      run_items(executor, items, rows.subspan(first, std::min(most, rows.size() - first)), work.items.data(),
                work.stage);
    const std::span<const uint32_t> tile = rows.subspan(first, std::min(tile_rows, rows.size() - first));
    for (size_t r = 0; r < tile.size(); ++r) work.item_rows[r] = work.items.data() + (place + r) * width;
    score_tile(executor, tile, positions == nullptr ? nullptr : positions + first, nullptr, work);
  }
}

}  // namespace

void run_items(const cpu::Executor& executor, const EncodedArrays& items, std::span<const uint32_t> rows, float* out,
               cpu::Workspace& stage) {
  size_t end = 0;
  for (size_t first = 0; first < rows.size(); first = end) {
    end = first + 1;
    while (end < rows.size() && rows[end] == rows[end - 1] + 1) ++end;
    executor.run_items(items, rows[first], static_cast<int64_t>(end - first),
                       out + first * static_cast<size_t>(executor.item_width()), stage);
  }
}

void begin_request(const cpu::Executor& executor, const Snapshot& snapshot, const Request& request,
                   const ColumnSet* pair, std::span<const uint32_t> first, Work& work) {
  const auto tile_rows = static_cast<size_t>(executor.pair_rows());
  for (const uint32_t row : first.first(std::min(first.size(), tile_rows))) {
    const uint8_t* item = snapshot.item(row);
    for (int64_t at = 0; at < snapshot.layout.row_bytes; at += kAlignment) __builtin_prefetch(item + at, 0, 2);
    prefetch_keys(snapshot, row);
  }
  executor.encoder().encode(request, work.request);
  work.request_row.resize(static_cast<size_t>(executor.request_width()));
  executor.run_requests(work.request, 0, 1, work.request_row.data(), work.stage);
  work.pair.begin(snapshot, request, pair);
  work.request_rows.assign(tile_rows, work.request_row.data());
  work.item_rows.resize(tile_rows);
  work.ahead.reserve(tile_rows);
  work.tile.resize(tile_rows);
  work.scores.resize(tile_rows);
  if (snapshot.format.in_place()) return;
  const auto width = static_cast<size_t>(executor.item_width());
  work.items.resize(tile_rows * width);
  for (size_t r = 0; r < tile_rows; ++r) work.item_rows[r] = work.items.data() + r * width;
}

void scan(const cpu::Executor& executor, const Snapshot& snapshot, std::span<const uint32_t> rows,
          const int64_t* positions, Work& work) {
  if (snapshot.encoded != nullptr) return scan_encoded(executor, *snapshot.encoded, rows, positions, work);
  const auto tile_rows = static_cast<size_t>(executor.pair_rows());
  look_ahead(snapshot, rows, 0, tile_rows, work);
  for (size_t first = 0; first < rows.size(); first += tile_rows) {
    const std::span<const uint32_t> tile = rows.subspan(first, std::min(tile_rows, rows.size() - first));
    if (snapshot.format.in_place()) {
      for (size_t r = 0; r < tile.size(); ++r) work.item_rows[r] = static_cast<const float*>(work.ahead[r].data);
    } else {
      const void* origin = work.ahead[0].data;
      for (size_t r = 0; r < tile.size(); ++r) work.tile[r] = distance(origin, work.ahead[r].data);
      snapshot.format.load(static_cast<const uint8_t*>(origin), {work.tile.data(), tile.size()}, work.items.data());
    }
    // One tile ahead, while this one computes: the item side lies all over the catalogue.
    look_ahead(snapshot, rows, first + tile_rows, tile_rows, work);
    Ahead ahead{.rows = work.ahead.data(), .count = static_cast<int64_t>(work.ahead.size())};
    score_tile(executor, tile, positions == nullptr ? nullptr : positions + first, &ahead, work);
  }
}

}  // namespace recfast
