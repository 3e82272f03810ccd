#include "ranking/retriever.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/workers.h"
#include "ranking/id_rows.h"
#include "retrieval/device_search.h"

namespace recfast {
namespace {

constexpr size_t kTogether = 128;  // queries whose bitmaps exist at a time

// The rows that a query may return.
struct ChosenRows {
  std::vector<uint64_t> words;
  int64_t skipped = 0;
  int64_t ignored = 0;
};

ChosenRows choose_rows(const RowIds& ids, const RetrieverQuery& query, const Eligible* filter, bool skip_missing) {
  ChosenRows out;
  const auto words = static_cast<size_t>(block_count(ids.size()) * kBlockWords);
  if (query.candidates != nullptr)
    out.words.assign(words, 0);
  else if (filter != nullptr && words > 0)
    out.words.assign(filter->words(0), filter->words(0) + words);
  else
    out.words.assign(words, ~uint64_t{0});
  const auto word = [&](int64_t row) -> uint64_t& { return out.words[static_cast<size_t>(row / 64)]; };
  const auto bit = [](int64_t row) { return uint64_t{1} << (row % 64); };
  if (query.candidates != nullptr) {
    std::vector<int64_t> found;
    out.skipped = for_each_candidate(ids, *query.candidates, skip_missing, "", found,
                                     [&](int64_t row, int64_t) { word(row) |= bit(row); });
    for (size_t w = 0; filter != nullptr && w < words; ++w) out.words[w] &= filter->words(0)[w];
  }
  if (query.exclude != nullptr)
    out.ignored = for_each_excluded(ids, *query.exclude, [&](int64_t row) { word(row) &= ~bit(row); });
  if (query.left_out >= 0) word(query.left_out) &= ~bit(query.left_out);
  return out;
}

bool same_rows(const RetrieverQuery& a, const RetrieverQuery& b) noexcept {
  return a.exclude == b.exclude && a.candidates == b.candidates && a.left_out == b.left_out;
}

void check_finite(const float* vector, int64_t dim) {
  for (int64_t d = 0; d < dim; ++d) {
    if (std::isfinite(vector[d])) continue;
    throw ValueError("a query must be finite: it holds " + std::to_string(vector[d]) + " at position " +
                     std::to_string(d));
  }
}

}  // namespace

void check_one_per_vector(const char* what, int64_t got, int64_t vectors) {
  if (got == vectors) return;
  throw ValueError(std::string(what) + " per vector is needed; got " + std::to_string(got) + " for " +
                   std::to_string(vectors) + " vectors");
}

Retriever::Retriever(RowIds ids, VectorIndex index, std::optional<Attributes> attributes,
                     std::shared_ptr<const VectorDevice> device)
    : ids_(std::move(ids)), index_(std::move(index)), attributes_(std::move(attributes)), device_(std::move(device)) {
  check_one_per_vector(kOneId, ids_.size(), index_.rows());
  if (attributes_) check_one_per_vector(kOneRow, attributes_->rows(), index_.rows());
}

int64_t Retriever::size_bytes() const noexcept {
  return index_.size_bytes() + ids_.size_bytes() + (attributes_ ? attributes_->size_bytes() : 0);
}

std::vector<RetrieverResult> Retriever::search(std::span<const RetrieverQuery> queries,
                                               const RetrieverOptions& options) const {
  check_threads(options.threads);
  if (options.k < 1) throw ValueError("k must be at least 1, got " + std::to_string(options.k));
  if (options.where != nullptr && !attributes_)
    throw ValueError("where= asks about attributes, and the retriever has none: give it attributes=");
  const std::shared_ptr<const Eligible> filter =
      options.where == nullptr ? nullptr : filters_.get(options.where, *attributes_);
  const uint64_t* passing = filter == nullptr || filter->blocks() == 0 ? nullptr : filter->words(0);
  std::vector<RetrieverResult> results(queries.size());
  std::vector<std::unique_ptr<const ChosenRows>> bitmaps;
  std::vector<VectorQuery> wanted;
  for (size_t first = 0; first < queries.size(); first += kTogether) {
    const size_t end = std::min(queries.size(), first + kTogether);
    bitmaps.clear();
    wanted.clear();
    for (size_t q = first; q < end; ++q) {
      const RetrieverQuery& query = queries[q];
      const bool all = query.exclude == nullptr && query.candidates == nullptr && query.left_out < 0;
      try {
        check_finite(query.vector, index_.space().dim);
        if (!all && (bitmaps.empty() || !same_rows(query, queries[q - 1])))
          bitmaps.push_back(
              std::make_unique<const ChosenRows>(choose_rows(ids_, query, filter.get(), options.skip_missing)));
      } catch (...) {
        if (queries.size() > 1) rethrow_at("query " + std::to_string(q));
        throw;
      }
      const ChosenRows* chosen = all ? nullptr : bitmaps.back().get();
      wanted.push_back(
          {.vector = query.vector, .k = options.k, .eligible = chosen != nullptr ? chosen->words.data() : passing});
      if (chosen == nullptr) continue;
      results[q].skipped = chosen->skipped;
      results[q].ignored = chosen->ignored;
    }
    std::vector<Nearest> found = device_ != nullptr ? device_search(*device_, index_, wanted, options.threads, spares_)
                                                    : index_.search(wanted, options.threads, spares_);
    for (size_t q = first; q < end; ++q) {
      results[q].best = std::move(found[q - first].best);
      results[q].rescored = found[q - first].rescored;
    }
  }
  return results;
}

RetrieverResult Retriever::similar(int64_t row, RetrieverQuery query, const RetrieverOptions& options) const {
  query.vector = index_.vector(row);
  query.left_out = row;
  return std::move(search({&query, 1}, options).front());
}

}  // namespace recfast
