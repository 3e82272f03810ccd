#include "retrieval/device_search.h"

#include <algorithm>

#include "base/workers.h"
#include "retrieval/bounds.h"
#include "retrieval/exact_scores.h"

namespace recfast {
namespace {

// Rows beyond k that a device is asked for: their bounds are what shows that no others are needed.
constexpr int64_t kMargin = 64;

int64_t wanted_of(int64_t k) noexcept {
  return k + std::max(kMargin, k / 4);
}

// One query's candidates, all of which the device's bounds allow.
class Settle {
 public:
  Settle(const VectorIndex& index, const VectorQuery& query, double length, SearchWork& work)
      : index_(index), query_(query), length_(length), work_(work) {}

  // Whether the best are sure to be among the candidates. named: all eligible rows are.
  bool operator()(std::span<const Candidate> candidates, bool named, const Scaling& scaling, Nearest& out) {
    work_.collector.reset(query_.k);
    const auto k = std::min(candidates.size(), static_cast<size_t>(query_.k));
    score(candidates.first(k), out);
    std::span<const Ranked> best = work_.collector.finish();
    if (k < candidates.size()) {
      const float bar = scaling.bar_of_score(best.back().score);
      const auto rest = candidates.subspan(k);
      const auto end = std::find_if(rest.begin(), rest.end(), [&](const Candidate& c) { return c.upper < bar; });
      score(rest.first(static_cast<size_t>(end - rest.begin())), out);
      best = work_.collector.finish();
    }
    out.best.assign(best.begin(), best.end());
    return named || candidates.back().upper < scaling.bar_of_score(best.back().score);
  }

 private:
  void score(std::span<const Candidate> candidates, Nearest& out) {
    work_.rows.clear();
    for (const Candidate& candidate : candidates) work_.rows.push_back(candidate.row);
    work_.scores.resize(work_.rows.size());
    exact_scores(index_.space(), index_.blocks(), query_.vector, length_, work_.rows, work_.scores.data());
    work_.collector.push_rows(work_.scores.data(), work_.rows.data(), static_cast<int64_t>(work_.rows.size()));
    out.rescored += static_cast<int64_t>(work_.rows.size());
  }

  const VectorIndex& index_;
  const VectorQuery& query_;
  double length_;
  SearchWork& work_;
};

}  // namespace

std::vector<Nearest> device_search(const VectorDevice& device, const VectorIndex& index,
                                   std::span<const VectorQuery> queries, int64_t threads, Spares<SearchWork>& spares) {
  check_threads(threads);
  std::vector<Nearest> out(queries.size());
  const VectorSpace space{.format = VectorFormat::kF32, .metric = index.space().metric, .dim = index.space().dim};
  const auto dim = static_cast<size_t>(space.dim);
  std::vector<size_t> asked;  // places among the queries
  std::vector<size_t> left;
  int64_t count = 0;
  for (size_t q = 0; q < queries.size(); ++q) {
    const bool fits = index.rows() > 0 && queries[q].k <= device.most_candidates() &&
                      wanted_of(queries[q].k) <= device.most_candidates();
    (fits ? asked : left).push_back(q);
    if (fits) count = std::max(count, wanted_of(queries[q].k));
  }
  std::vector<float> vectors(asked.size() * dim);
  std::vector<double> lengths(asked.size());
  std::vector<Scaling> scalings(asked.size());
  std::vector<DeviceQuery> sent(asked.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    const VectorQuery& query = queries[asked[i]];
    lengths[i] = exact_length(query.vector, space.dim);
    const ScanQuery prepared =
        prepare_query(space, query.vector, lengths[i], index.max_bias(), vectors.data() + i * dim);
    scalings[i] = prepared.scaling;
    sent[i] = {
        .vector = vectors.data() + i * dim, .bound = prepared.in_block(index.max_bias()), .eligible = query.eligible};
  }
  if (!asked.empty()) {
    const std::vector<std::vector<Candidate>> found = device.highest(sent, count);
    Leases leases(spares, 1);
    for (size_t i = 0; i < asked.size(); ++i) {
      const size_t q = asked[i];
      const bool named = static_cast<int64_t>(found[i].size()) < count;
      if (!Settle(index, queries[q], lengths[i], leases.of(0))(found[i], named, scalings[i], out[q])) left.push_back(q);
    }
  }
  if (left.empty()) return out;
  std::vector<VectorQuery> again;
  for (const size_t q : left) again.push_back(queries[q]);
  std::vector<Nearest> found = index.search(again, threads, spares);
  for (size_t i = 0; i < left.size(); ++i) {
    const int64_t before = out[left[i]].rescored;
    out[left[i]] = std::move(found[i]);
    out[left[i]].rescored += before;
  }
  return out;
}

}  // namespace recfast
