#include "retrieval/scan.h"

#include <algorithm>
#include <array>

#include "base/aligned.h"

namespace recfast {
namespace {

constexpr int64_t kGroups = kBlockRows / kGroupRows;
static_assert(kGroupRows == 8 && kGroups <= 32);
constexpr int64_t kHeadersAhead = 4;  // blocks whose headers are asked for
// With so many groups the gaps between them cost more than reading them: memory is fastest from one end to the other.
constexpr int64_t kNearlyAll = 14;

struct Groups {
  std::array<uint8_t, kGroups> places;
  int64_t count = 0;
};

// The groups in which a query has an eligible row, or all where these are nearly all.
Groups groups_of(const Slab& slab, int64_t block, int64_t rows) noexcept {
  std::array<uint64_t, kBlockWords> words;
  for (int64_t w = 0; w < kBlockWords; ++w) {
    words[static_cast<size_t>(w)] = row_bits(rows, w);
    if (!slab.filtered) continue;
    uint64_t any = 0;
    for (const uint64_t* eligible : slab.eligible) any |= eligible[block * kBlockWords + w];
    words[static_cast<size_t>(w)] &= any;
  }
  Groups out;
  const auto take = [&](int64_t group) { out.places[static_cast<size_t>(out.count++)] = static_cast<uint8_t>(group); };
  for (int64_t w = 0; w < kBlockWords; ++w) {
    uint64_t some = words[static_cast<size_t>(w)];  // the lowest bit of every byte that has one
    some |= some >> 4;
    some |= some >> 2;
    some |= some >> 1;
    for (some &= 0x0101010101010101u; some != 0; some &= some - 1) take(8 * w + __builtin_ctzll(some) / 8);
  }
  const int64_t present = (rows + kGroupRows - 1) / kGroupRows;
  if (out.count >= kNearlyAll && out.count < present) {
    out.count = 0;
    for (int64_t g = 0; g < present; ++g) take(g);
  }
  return out;
}

// Between groups that are left out the hardware foresees nothing: the first ones of the block that comes next are asked
// for while this one is scanned.
void fetch_first_groups(const Slab& slab, int64_t number) noexcept {
  constexpr int64_t kFetched = 3;
  const VectorBlock& block = *slab.blocks[static_cast<size_t>(number)];
  if (block.codes == nullptr) return;
  const Groups groups = groups_of(slab, number, block.count);
  const int64_t bytes = kGroupRows * padded_dim(*slab.space) * (slab.space->format == VectorFormat::kF16 ? 2 : 1);
  for (int64_t i = 0; i < std::min(groups.count, kFetched); ++i) {
    const uint8_t* group = block.codes + groups.places[static_cast<size_t>(i)] * bytes;
    for (int64_t at = 0; at < bytes; at += kAlignment) __builtin_prefetch(group + at);
  }
}

void offer(const VectorBlock& block, int64_t number, const uint64_t* eligible, const uint64_t* reached,
           const Bound& bound, const float* upper, Contest& contest) {
  for (int64_t w = 0; w < kBlockWords; ++w) {
    uint64_t bits = reached[w] & row_bits(block.count, w);
    if (eligible != nullptr) bits &= eligible[number * kBlockWords + w];
    for (; bits != 0; bits &= bits - 1) {
      const int64_t row = w * 64 + __builtin_ctzll(bits);
      const float most = at_most(upper[row]);
      contest.offer(static_cast<uint32_t>(number * kBlockRows + row), most, lower_bound(block, row, bound, most));
    }
  }
}

}  // namespace

void scan_block(const Slab& slab, int64_t number, const KernelTable& kernels, SearchWork& work) {
  const VectorSpace& space = *slab.space;
  const VectorBlock& block = *slab.blocks[static_cast<size_t>(number)];
  const auto blocks = static_cast<int64_t>(slab.blocks.size());
  __builtin_prefetch(slab.blocks[static_cast<size_t>(std::min(number + kHeadersAhead, blocks - 1))].get());
  const Groups groups = groups_of(slab, number, block.count);
  if (slab.filtered && number + 1 < blocks) fetch_first_groups(slab, number + 1);
  if (groups.count == 0) return;
  const uint8_t* places = groups.places.data();
  const int64_t dim = padded_dim(space);
  const auto queries = static_cast<int64_t>(slab.queries.size());
  for (int64_t first = 0; first < queries; first += kScanQueries) {
    const int64_t count = std::min(kScanQueries, queries - first);
    float* dots = work.dots.data();
    switch (space.format) {
      case VectorFormat::kI8:
        kernels.scan_i8(reinterpret_cast<const int8_t*>(block.codes), dim / 2, places, groups.count,
                        reinterpret_cast<const int16_t*>(slab.codes) + first * dim, count, dots);
        break;
      case VectorFormat::kF16:
        kernels.scan_f16(block.codes, dim, places, groups.count,
                         reinterpret_cast<const float*>(slab.codes) + first * dim, count, dots);
        break;
      case VectorFormat::kF32:
        kernels.scan_f32(block.rows, block.stride, block.count, dim, places, groups.count,
                         reinterpret_cast<const float*>(slab.codes) + first * dim, count, dots);
        break;
    }
    for (int64_t q = 0; q < count; ++q) {
      const auto at = static_cast<size_t>(first + q);
      const ScanQuery& query = slab.queries[at];
      const Bound bound = block.bias != nullptr ? query.in_block(block.max_bias) : query.bound;
      std::array<uint64_t, kBlockWords> reached;
      if (kernels.upper_bounds(dots + q * kBlockRows, places, groups.count, block.scale, block.slack, block.bias, bound,
                               work.contests[at].bar(), work.upper.data(), reached.data())) {
        offer(block, number, slab.eligible[at], reached.data(), bound, work.upper.data(), work.contests[at]);
      }
    }
  }
}

}  // namespace recfast
