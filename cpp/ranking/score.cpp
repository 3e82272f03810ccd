#include "ranking/score.h"

#include <algorithm>

namespace recfast {
namespace {
constexpr int64_t kBlockRows = 16384;  // bounds the memory
}

std::vector<float> score_rows(const cpu::Executor& executor, const ColumnSet& rows) {
  std::vector<float> scores(static_cast<size_t>(rows.rows()));
  EncodedArrays arrays = executor.encoder().make_arrays();
  cpu::Workspace work;
  const int64_t tile_rows = executor.pair_rows();
  AlignedBuffer<float> request(static_cast<size_t>(tile_rows * executor.request_width()));
  AlignedBuffer<float> item(static_cast<size_t>(tile_rows * executor.item_width()));
  std::vector<const float*> request_rows(static_cast<size_t>(tile_rows));
  std::vector<const float*> item_rows(static_cast<size_t>(tile_rows));
  for (int64_t r = 0; r < tile_rows; ++r) {
    request_rows[static_cast<size_t>(r)] = request.data() + r * executor.request_width();
    item_rows[static_cast<size_t>(r)] = item.data() + r * executor.item_width();
  }
  for (int64_t block = 0; block < std::max<int64_t>(rows.rows(), 1); block += kBlockRows) {
    const int64_t in_block = std::min(kBlockRows, rows.rows() - block);
    executor.encoder().encode(rows.slice(block, block + in_block), Encoder::Sides::all(), arrays);
    for (int64_t first = 0; first < in_block; first += tile_rows) {
      const int64_t count = std::min(tile_rows, in_block - first);
      executor.run_requests(arrays, first, count, request.data(), work);
      executor.run_items(arrays, first, count, item.data(), work);
      executor.run_pairs(arrays, first, count, request_rows.data(), item_rows.data(), scores.data() + block + first,
                         work);
    }
  }
  return scores;
}

}  // namespace recfast
