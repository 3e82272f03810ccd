#include "ranking/retrieve.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace recfast {
namespace {

// Searching for more than this share of the eligible rows costs more than ranking them.
constexpr int64_t kShare = 4;

const float* query_of(const ItemVectors& vectors, const VectorPlan& plan, const Work& work) {
  const float* query = work.request_row.data() + plan.product.request.offset;
  const bool finite = std::all_of(query, query + vectors.index.space().dim, [](float x) { return std::isfinite(x); });
  return finite ? query : nullptr;
}

Nearest search(const ItemVectors& vectors, const float* query, int64_t k, int64_t threads, Work& work) {
  const VectorQuery wanted{.vector = query, .k = k, .eligible = work.eligible.bitmaps()};
  std::vector<Nearest> found = vectors.index.search({&wanted, 1}, threads, work.searches);
  return std::move(found.front());
}

void take_rows(const Nearest& found, Work& work, int64_t& rescored) {
  for (const Ranked& ranked : found.best) work.rows.push_back(static_cast<uint32_t>(ranked.row));
  std::sort(work.rows.begin(), work.rows.end());
  rescored = found.rescored;
}

// How far the score that the executor gives an item can be from the exact sum of its terms, as long as no item's terms
// are larger than `largest`. Every product and every addition rounds once, by at most u = 2^-24 of what the terms are
// together; the bias of a vector and its score are rounded, too.
double rounding(const split::ScoreForm& form, const VectorPlan& plan, const float* request_row, const float* query,
                const TermSize& largest) {
  double square = 0;
  for (int64_t d = 0; d < plan.product.dim; ++d) square += double{query[d]} * query[d];
  double size = std::sqrt(square) * largest.length + largest.numbers;
  for (const split::Operand& number : form.request) size += std::abs(double{request_row[number.offset]});
  const auto terms =
      static_cast<double>(plan.product.dim + static_cast<int64_t>(form.request.size() + form.item.size()));
  return (terms + 12) * 0x1p-24 * 1.01 * size + 0x1p-120;
}

}  // namespace

bool retrieve_exactly(const cpu::Executor& executor, const Snapshot& snapshot, int64_t k, int64_t threads, Work& work,
                      int64_t& rescored) {
  const ItemVectors* vectors = snapshot.vectors.get();
  if (vectors == nullptr || !is_whole_product(snapshot)) return false;
  const VectorPlan& plan = *snapshot.vector_plan;
  const float* query = query_of(*vectors, plan, work);
  if (query == nullptr) return false;
  const double margin = 2 * rounding(executor.form(), plan, work.request_row.data(), query, vectors->largest);
  if (!(margin < 0x1p80)) return false;  // sums could leave f32
  // Rows behind the k-th whose exact scores are within the margin may come before it as the executor scores them.
  for (int64_t wanted = k + std::max<int64_t>(k / 8, 16); wanted * kShare <= work.eligible.count(); wanted *= 4) {
    const Nearest found = search(*vectors, query, wanted, threads, work);
    const double kth = found.best[static_cast<size_t>(k - 1)].score;
    if (double{found.best.back().score} >= kth - margin) continue;
    take_rows(found, work, rescored);
    return true;
  }
  return false;
}

void retrieve_some(const Snapshot& snapshot, int64_t count, int64_t threads, Work& work, int64_t& rescored) {
  const ItemVectors* vectors = snapshot.vectors.get();
  const float* query = vectors == nullptr ? nullptr : query_of(*vectors, *snapshot.vector_plan, work);
  if (query == nullptr) {
    throw ValueError(snapshot.vector_plan == nullptr
                         ? "retrieve=: the model has no product of a request's vector with an item's (towers or an FM "
                           "term) to retrieve by; leave it out to rank every item"
                         : "retrieve=: the vectors of the items or of the request are not finite; leave it out to rank "
                           "every item");
  }
  if (count >= work.eligible.count()) {
    work.eligible.for_each([&](int64_t row) { work.rows.push_back(static_cast<uint32_t>(row)); });
    return;
  }
  take_rows(search(*vectors, query, count, threads, work), work, rescored);
}

}  // namespace recfast
