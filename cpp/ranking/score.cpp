#include "ranking/score.h"

#include <algorithm>
#include <memory>

#include "base/workers.h"
#include "catalog/item_format.h"

namespace recfast {
namespace {

constexpr int64_t kChunkRows = 4096;  // bounds the memory of a thread

// One thread's memory.
struct Scorer {
  Scorer(const cpu::Executor& executor, RowFormat items)
      : executor(executor),
        arrays(executor.encoder().make_arrays()),
        tile_rows(executor.pair_rows()),
        request(static_cast<size_t>(tile_rows * executor.request_width())),
        item(static_cast<size_t>(tile_rows * executor.item_width())),
        format(executor, items),
        stored(static_cast<size_t>(tile_rows * format.row_bytes())) {
    for (int64_t r = 0; r < tile_rows; ++r) {
      places.push_back(r * format.row_bytes());
      request_rows.push_back(request.data() + r * executor.request_width());
      item_rows.push_back(item.data() + r * executor.item_width());
    }
  }

  // finish(first, count): takes the rows [first, first + count), whose request and item sides are there.
  template <class Finish>
  void run(const ColumnSet& rows, Finish&& finish) {
    executor.encoder().encode(rows, Encoder::Sides::all(), arrays);
    for (int64_t first = 0; first < rows.rows(); first += tile_rows) {
      const int64_t count = std::min(tile_rows, rows.rows() - first);
      executor.run_requests(arrays, first, count, request.data(), work);
      executor.run_items(arrays, first, count, item.data(), work);
      if (!format.in_place()) {
        for (int64_t r = 0; r < count; ++r) {
          const auto at = static_cast<size_t>(r);
          format.put(item_rows[at], rows.first_row() + first + r, stored.data() + places[at]);
        }
        format.load(stored.data(), {places.data(), static_cast<size_t>(count)}, item.data());
      }
      finish(first, count);
    }
  }

  void score(const ColumnSet& rows, float* out) {
    run(rows, [&](int64_t first, int64_t count) {
      executor.run_pairs(arrays, first, count, request_rows.data(), item_rows.data(), out + first, work, nullptr);
    });
  }

  void read_named(const ColumnSet& rows, float* out) {
    run(rows, [&](int64_t first, int64_t count) {
      executor.read_named(arrays, first, count, request_rows.data(), item_rows.data(),
                          out + first * executor.named_width(), work);
    });
  }

  const cpu::Executor& executor;
  EncodedArrays arrays;
  cpu::Workspace work;
  int64_t tile_rows;
  AlignedBuffer<float> request;
  AlignedBuffer<float> item;
  ItemFormat format;
  AlignedBuffer<uint8_t> stored;
  std::vector<int64_t> places;  // of the rows in it
  std::vector<const float*> request_rows;
  std::vector<const float*> item_rows;
};

}  // namespace

void score_rows(const cpu::Executor& executor, const ColumnSet& rows, RowFormat items, int64_t threads, float* out) {
  check_threads(threads);
  const int64_t blocks =
      std::max<int64_t>((rows.rows() + kChunkRows - 1) / kChunkRows, 1);  // an empty table is checked
  std::vector<std::unique_ptr<Scorer>> scorers(static_cast<size_t>(std::min(threads, blocks)));
  parallel_for(blocks, threads, [&](int64_t block, int64_t worker) {
    std::unique_ptr<Scorer>& scorer = scorers[static_cast<size_t>(worker)];
    if (!scorer) scorer = std::make_unique<Scorer>(executor, items);
    const int64_t first = block * kChunkRows;
    scorer->score(rows.slice(first, std::min(first + kChunkRows, rows.rows())), out + first);
  });
}

void read_named_rows(const cpu::Executor& executor, const ColumnSet& rows, float* out) {
  Scorer reader(executor, RowFormat::kF32);
  for (int64_t first = 0; first < rows.rows(); first += kChunkRows) {
    const int64_t count = std::min(kChunkRows, rows.rows() - first);
    reader.read_named(rows.slice(first, first + count), out + first * executor.named_width());
  }
}

}  // namespace recfast
