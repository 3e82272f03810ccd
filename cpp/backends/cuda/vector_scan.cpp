#include "backends/cuda/vector_scan.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>

#include "backends/cuda/error.h"
#include "kernels/cuda/kernels.h"
#include "kernels/cuda/ranked.cuh"

namespace recfast::cuda {
namespace {

constexpr int64_t kFloat = sizeof(float);
constexpr int64_t kKey = sizeof(uint64_t);

int64_t count_rows(const VectorBlocks& blocks) noexcept {
  int64_t rows = 0;
  for (const auto& block : blocks) rows += block->count;
  return rows;
}

// Blocks whose rows lie one behind the other go together.
void put_vectors(const VectorBlocks& blocks, OwnedRows& to) {
  int64_t first = 0;
  for (size_t b = 0; b < blocks.size();) {
    const VectorBlock& begin = *blocks[b];
    int64_t rows = 0;
    while (b < blocks.size() && blocks[b]->stride == begin.stride &&
           blocks[b]->rows == begin.rows + rows * begin.stride)
      rows += blocks[b++]->count;
    to.put(first, rows, reinterpret_cast<const uint8_t*>(begin.rows), begin.stride * kFloat);
    first += rows;
  }
}

bool before(const Candidate& a, const Candidate& b) noexcept {
  return a.upper != b.upper ? a.upper > b.upper : a.row < b.row;
}

}  // namespace

struct VectorScan::Pass {
  // Throws OutOfDeviceMemory.
  Pass(const Sizes& sizes, int64_t query_stride)
      : sizes(sizes),
        queries(sizes.queries * query_stride * kFloat),
        bounds(sizes.queries * static_cast<int64_t>(sizeof(Bound))),
        eligible(sizes.rows / 8),
        scores(device_bytes(sizes)),
        scratch(top_k_scratch(sizes.queries, sizes.rows, kMaxTopK)),
        best(sizes.queries * kMaxTopK * kKey),
        host_queries(queries.bytes()),
        host_bounds(bounds.bytes()),
        host_eligible(eligible.bytes()),
        host_best(best.bytes()) {}
  // Of the upper bounds, which are the most of it.
  static int64_t device_bytes(const Sizes& sizes) noexcept { return sizes.queries * sizes.rows * kFloat; }

  const Sizes sizes;
  const Stream stream;
  DeviceMemory queries;
  DeviceMemory bounds;
  DeviceMemory eligible;
  DeviceMemory scores;
  DeviceMemory scratch;
  DeviceMemory best;
  PinnedMemory host_queries;
  PinnedMemory host_bounds;
  PinnedMemory host_eligible;
  PinnedMemory host_best;
};

VectorScan::VectorScan(const VectorSpace& space, const VectorBlocks& blocks)
    : rows_(count_rows(blocks)), dim_(space.dim), query_stride_((space.dim + 3) / 4 * 4), process_(getpid()) {
  check_device();
  vectors_ = OwnedRows(RowFormat::kF32, rows_, dim_);
  const VectorSpace f32{.format = VectorFormat::kF32, .metric = space.metric, .dim = space.dim};
  std::vector<float> scale, slack, bias;
  int64_t first = 0;
  for (const auto& block : blocks) {
    const auto own = make_vector_blocks(
        f32,
        {.data = block->rows, .stride = block->stride, .rows = block->count, .bias = block->bias, .owner = nullptr},
        first);
    const VectorBlock& bounded = *own.front();
    const auto append = [&](std::vector<float>& to, const float* from) {
      if (from != nullptr) to.insert(to.end(), from, from + block->count);
    };
    append(scale, bounded.scale);
    append(slack, bounded.slack);
    append(bias, bounded.bias);
    first += block->count;
  }
  put_vectors(blocks, vectors_);
  const auto send = [](DeviceMemory& to, const std::vector<float>& from) {
    if (!from.empty()) to = uploaded(from.data(), static_cast<int64_t>(from.size()));
  };
  send(scale_, scale);
  send(slack_, slack);
  send(bias_, bias);
}

VectorScan::~VectorScan() = default;

// The memory of a pass over so many queries; of a smaller one where the device's is not enough.
VectorScan::Passes::Lease VectorScan::lease(int64_t queries) const {
  size_t size = 0;
  while (size + 1 < std::size(kSizes) && (kSizes[size].queries < queries || kSizes[size].rows < rows_)) ++size;
  return Passes::Lease(
      passes_, size, [&](size_t of) { return std::make_unique<Pass>(kSizes[of], query_stride_); },
      [&](const OutOfDeviceMemory& error) {
        throw DeviceError("the device's memory is not enough to scan " + std::to_string(kSizes[0].rows) +
                          " vectors at a time, whose bounds take " + std::to_string(Pass::device_bytes(kSizes[0])) +
                          " bytes: " + error.what());
      });
}

int64_t VectorScan::most_candidates() const noexcept {
  return kMaxTopK;
}

std::vector<std::vector<Candidate>> VectorScan::highest(std::span<const DeviceQuery> queries, int64_t count) const {
  check_process(process_, "Retriever");
  std::vector<std::vector<Candidate>> out(queries.size());
  const Passes::Lease pass = lease(static_cast<int64_t>(queries.size()));
  const auto together = static_cast<size_t>(pass->sizes.queries);
  for (size_t first = 0, end = 0; first < queries.size(); first = end) {
    for (end = first + 1; end < queries.size() && end < first + together; ++end)
      if (queries[end].eligible != queries[first].eligible) break;
    run(*pass, queries.subspan(first, end - first), count, std::span(out).subspan(first, end - first));
  }
  return out;
}

// Queries with the same eligible rows.
void VectorScan::run(Pass& pass, std::span<const DeviceQuery> queries, int64_t count,
                     std::span<std::vector<Candidate>> out) const {
  const cudaStream_t stream = pass.stream.get();
  const auto many = static_cast<int64_t>(queries.size());
  auto* vectors = pass.host_queries.as<float>();
  auto* bounds = pass.host_bounds.as<Bound>();
  std::fill_n(vectors, many * query_stride_, 0.0f);
  for (int64_t q = 0; q < many; ++q) {
    const DeviceQuery& query = queries[static_cast<size_t>(q)];
    std::copy_n(query.vector, dim_, vectors + q * query_stride_);
    bounds[q] = query.bound;
  }
  upload(pass.queries.as<void>(), vectors, many * query_stride_ * kFloat, stream);
  upload(pass.bounds.as<void>(), bounds, many * static_cast<int64_t>(sizeof(Bound)), stream);
  const uint64_t* eligible = queries.front().eligible;
  for (int64_t first = 0; first < rows_; first += pass.sizes.rows) {
    const int64_t rows = std::min(pass.sizes.rows, rows_ - first);
    if (eligible != nullptr) {
      const int64_t bytes = (rows + 63) / 64 * static_cast<int64_t>(sizeof(uint64_t));
      std::memcpy(pass.host_eligible.as<void>(), eligible + first / 64, static_cast<size_t>(bytes));
      upload(pass.eligible.as<void>(), pass.host_eligible.as<void>(), bytes, stream);
    }
    DeviceRows tile = vectors_.view();
    tile.data = static_cast<const char*>(tile.data) + first * tile.row_bytes;
    const auto from = [&](const DeviceMemory& memory) {
      return memory.bytes() == 0 ? nullptr : memory.as<const float>(first * kFloat);
    };
    RECFAST_CUDA_CHECK(vector_bounds({.vectors = tile,
                                      .rows = rows,
                                      .scale = from(scale_),
                                      .slack = from(slack_),
                                      .bias = from(bias_),
                                      .eligible = eligible != nullptr ? pass.eligible.as<uint64_t>() : nullptr,
                                      .queries = pass.queries.as<float>(),
                                      .query_stride = query_stride_,
                                      .bounds = pass.bounds.as<Bound>(),
                                      .out = pass.scores.as<float>(),
                                      .out_stride = rows},
                                     many, stream));
    const int64_t wanted = std::min(count, rows);
    RECFAST_CUDA_CHECK(top_k(pass.scores.as<float>(), rows, nullptr, many, rows, wanted, pass.scratch.as<void>(),
                             pass.best.as<uint64_t>(), stream));
    download(pass.host_best.as<void>(), pass.best.as<void>(), many * wanted * kKey, stream);
    pass.stream.wait();
    for (int64_t q = 0; q < many; ++q) {
      std::vector<Candidate>& found = out[static_cast<size_t>(q)];
      for (int64_t i = 0; i < wanted; ++i) {
        const uint64_t key = pass.host_best.as<uint64_t>()[q * wanted + i];
        const float upper = ranked_score(key);
        if (upper == -INFINITY) break;  // this row and those behind it are not eligible
        found.push_back({upper, static_cast<uint32_t>(first) + ranked_row(key)});
      }
    }
  }
  if (rows_ <= pass.sizes.rows) return;
  for (std::vector<Candidate>& found : out) {
    std::sort(found.begin(), found.end(), before);
    found.resize(std::min(found.size(), static_cast<size_t>(count)));
  }
}

}  // namespace recfast::cuda
