#include "retrieval/vector_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <thread>

#include "base/workers.h"
#include "retrieval/bounds.h"
#include "retrieval/exact_scores.h"

namespace recfast {
namespace {

constexpr size_t kSlab = 128;        // queries that one pass over the codes serves
constexpr int64_t kSampled = 64;     // blocks, from all over the set, that are scanned first: they raise the bar early
constexpr int64_t kPartBlocks = 64;  // that a thread takes at a time
constexpr size_t kChunk = 4096;      // rows that are scored at a time
constexpr int64_t kFewRows = 4;      // with up to so many times k eligible rows, bounds would spare nothing
// Rows that lie apart take so much longer to read than the same bytes one behind the other. Up to three queries at once
// wait for the same memory; more of them compute.
constexpr double kApart = 2.5;
constexpr int64_t kWaiting = 3;

constexpr float kNoBar = -std::numeric_limits<float>::infinity();

int64_t eligible_rows(const VectorQuery& query, int64_t rows) noexcept {
  if (query.eligible == nullptr) return rows;
  int64_t count = 0;
  for (int64_t b = 0; b < block_count(rows); ++b) {
    for (int64_t w = 0; w < kBlockWords; ++w)
      count += std::popcount(query.eligible[b * kBlockWords + w] & row_bits(rows - b * kBlockRows, w));
  }
  return count;
}

}  // namespace

VectorIndex::VectorIndex(const VectorSpace& space, VectorBlocks blocks) : space_(space), blocks_(std::move(blocks)) {
  for (const auto& block : blocks_) {
    rows_ += block->count;
    max_bias_ = std::max(max_bias_, block->max_bias);
  }
}

int64_t VectorIndex::size_bytes() const noexcept {
  int64_t total = 0;
  for (const auto& block : blocks_) total += recfast::size_bytes(space_, *block);
  return total;
}

VectorIndex::Way VectorIndex::way_of(const VectorQuery& query, int64_t queries, int64_t threads) const noexcept {
  const int64_t eligible = eligible_rows(query, rows_);
  if (eligible / kFewRows <= query.k) return Way::kScore;
  if (query.eligible == nullptr) return Way::kScan;
  const auto dim = static_cast<double>(space_.dim);
  const double code_bytes = space_.format == VectorFormat::kI8 ? 1 : space_.format == VectorFormat::kF16 ? 2 : 4;
  const double scanned = static_cast<double>(rows_) * (code_bytes * dim + 2 * sizeof(float));
  const double sieved = static_cast<double>(eligible) * sizeof(float) * dim * kApart;
  // All threads scan together, as far as there are cores; a query is sieved by one.
  static const auto cores = static_cast<int64_t>(std::max(std::thread::hardware_concurrency(), 1u));
  threads = std::min(threads, cores);
  const double alone = static_cast<double>(threads) / static_cast<double>(std::min(threads, queries));
  return sieved * alone * static_cast<double>(std::min(queries, kWaiting)) < scanned ? Way::kSieve : Way::kScan;
}

// Scores work.rows exactly.
void VectorIndex::score(const VectorQuery& query, double length, SearchWork& work, Nearest& out) const {
  work.scores.resize(work.rows.size());
  exact_scores(space_, blocks_, query.vector, length, work.rows, work.scores.data());
  work.collector.push_rows(work.scores.data(), work.rows.data(), static_cast<int64_t>(work.rows.size()));
  out.rescored += static_cast<int64_t>(work.rows.size());
  work.rows.clear();
}

void VectorIndex::score_eligible(const VectorQuery& query, SearchWork& work, Nearest& out) const {
  const double length = exact_length(query.vector, space_.dim);
  work.collector.reset(query.k);
  work.rows.clear();
  for (int64_t b = 0; b < block_count(rows_); ++b) {
    for (int64_t w = 0; w < kBlockWords; ++w) {
      uint64_t bits = row_bits(rows_ - b * kBlockRows, w);
      if (query.eligible != nullptr) bits &= query.eligible[b * kBlockWords + w];
      for (; bits != 0; bits &= bits - 1)
        work.rows.push_back(static_cast<uint32_t>(b * kBlockRows + w * 64 + __builtin_ctzll(bits)));
    }
    if (work.rows.size() >= kChunk) score(query, length, work, out);
  }
  score(query, length, work, out);
  const std::span<const Ranked> best = work.collector.finish();
  out.best.assign(best.begin(), best.end());
}

void VectorIndex::sieve(const VectorQuery& query, SearchWork& work, Nearest& out) const {
  const KernelTable& table = kernels();
  work.sieve.begin(space_, query.vector, exact_length(query.vector, space_.dim), max_bias_, query.k);
  for (int64_t b = 0; b < block_count(rows_); ++b) {
    const VectorBlock& block = *blocks_[static_cast<size_t>(b)];
    std::array<uint64_t, kBlockWords> rows;
    for (int64_t w = 0; w < kBlockWords; ++w)
      rows[static_cast<size_t>(w)] = query.eligible[b * kBlockWords + w] & row_bits(block.count, w);
    work.sieve.add(block, b * kBlockRows, rows.data(), table);
  }
  score_candidates(query, work.sieve.finish(table), work, out);
}

// The k most promising ones first: their k-th score spares most of the others.
void VectorIndex::score_candidates(const VectorQuery& query, Contest& contest, SearchWork& work, Nearest& out) const {
  const double length = exact_length(query.vector, space_.dim);
  work.collector.reset(query.k);
  work.rows.clear();
  std::vector<Candidate>& candidates = contest.finish();
  const auto k = static_cast<size_t>(query.k);
  if (candidates.size() > k) {
    const auto last = candidates.begin() + static_cast<std::ptrdiff_t>(k);
    std::nth_element(candidates.begin(), last, candidates.end(), [](const Candidate& a, const Candidate& b) {
      return a.upper != b.upper ? a.upper > b.upper : a.row < b.row;
    });
    for (auto at = candidates.begin(); at != last; ++at) work.rows.push_back(at->row);
    score(query, length, work, out);
    const float bar = contest.bar_of_score(work.collector.finish().back().score);
    for (auto at = last; at != candidates.end(); ++at)
      if (at->upper >= bar) work.rows.push_back(at->row);
  } else {
    for (const Candidate& candidate : candidates) work.rows.push_back(candidate.row);
  }
  score(query, length, work, out);
  const std::span<const Ranked> best = work.collector.finish();
  out.best.assign(best.begin(), best.end());
}

void VectorIndex::scan(const Slab& slab, std::span<const int64_t> wanted, int64_t threads, SearchWork& work,
                       Leases& leases) const {
  const KernelTable& table = kernels();
  const size_t count = slab.queries.size();
  work.make_ready(count);
  for (size_t i = 0; i < count; ++i) work.contests[i].reset(wanted[i], slab.queries[i].scaling, kNoBar);
  const auto blocks = static_cast<int64_t>(blocks_.size());
  const int64_t stride = std::max<int64_t>(1, blocks / kSampled);
  for (int64_t block = 0; block < blocks; block += stride) scan_block(slab, block, table, work);
  if (stride == 1) return;
  std::vector<float> bars;
  for (size_t i = 0; i < count; ++i) bars.push_back(work.contests[i].bar());
  parallel_for((blocks + kPartBlocks - 1) / kPartBlocks, threads, [&](int64_t part, int64_t worker) {
    SearchWork* mine = &work;
    if (worker > 0) {
      mine = &leases.of(worker);
      if (mine->contests_in_use == 0) {
        mine->make_ready(count);
        for (size_t i = 0; i < count; ++i) mine->contests[i].reset(wanted[i], slab.queries[i].scaling, bars[i]);
      }
    }
    for (int64_t block = part * kPartBlocks; block < std::min(blocks, (part + 1) * kPartBlocks); ++block)
      if (block % stride != 0) scan_block(slab, block, table, *mine);
  });
  leases.for_each_other([&](SearchWork& other) {
    for (size_t i = 0; i < other.contests_in_use; ++i) work.contests[i].absorb(other.contests[i]);
  });
}

void VectorIndex::search_slab(std::span<const VectorQuery> queries, int64_t threads, Leases& leases,
                              Nearest* out) const {
  SearchWork& work = leases.of(0);
  std::vector<size_t> scanned;  // places among the queries
  std::vector<Way> ways;
  for (size_t q = 0; q < queries.size(); ++q) {
    ways.push_back(way_of(queries[q], static_cast<int64_t>(queries.size()), threads));
    if (ways.back() == Way::kScan) scanned.push_back(q);
  }
  std::vector<size_t> contest_of(queries.size());  // of those that are scanned
  if (!scanned.empty()) {
    const size_t number_bytes = space_.format == VectorFormat::kI8 ? sizeof(int16_t) : sizeof(float);
    const size_t query_bytes = static_cast<size_t>(padded_dim(space_)) * number_bytes;
    work.codes.resize(scanned.size() * query_bytes);
    Slab slab;
    slab.space = &space_;
    slab.blocks = blocks_;
    slab.codes = work.codes.data();
    slab.filtered = true;
    std::vector<int64_t> wanted;
    for (size_t i = 0; i < scanned.size(); ++i) {
      const VectorQuery& query = queries[scanned[i]];
      contest_of[scanned[i]] = i;
      wanted.push_back(query.k);
      slab.queries.push_back(prepare_query(space_, query.vector, exact_length(query.vector, space_.dim), max_bias_,
                                           work.codes.data() + i * query_bytes));
      slab.eligible.push_back(query.eligible);
      slab.filtered = slab.filtered && query.eligible != nullptr;
    }
    scan(slab, wanted, threads, work, leases);
  }
  parallel_for(static_cast<int64_t>(queries.size()), threads, [&](int64_t q, int64_t worker) {
    const auto at = static_cast<size_t>(q);
    SearchWork& mine = leases.of(worker);
    switch (ways[at]) {
      case Way::kScan:
        return score_candidates(queries[at], work.contests[contest_of[at]], mine, out[at]);
      case Way::kSieve:
        return sieve(queries[at], mine, out[at]);
      case Way::kScore:
        return score_eligible(queries[at], mine, out[at]);
    }
  });
}

std::vector<Nearest> VectorIndex::search(std::span<const VectorQuery> queries, int64_t threads,
                                         Spares<SearchWork>& spares) const {
  check_threads(threads);
  std::vector<Nearest> out(queries.size());
  for (size_t first = 0; first < queries.size(); first += kSlab) {
    Leases leases(spares, threads);
    search_slab(queries.subspan(first, std::min(kSlab, queries.size() - first)), threads, leases, out.data() + first);
  }
  return out;
}

}  // namespace recfast
