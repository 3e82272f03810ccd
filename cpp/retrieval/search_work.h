#pragma once
// Scratch memory of one thread of a search.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/aligned.h"
#include "base/spares.h"
#include "kernels/cpu/dispatch.h"
#include "retrieval/contest.h"
#include "retrieval/sieve.h"
#include "retrieval/topk.h"

namespace recfast {

struct SearchWork {
  SearchWork() : collector(kernels()) {}
  // For a scan of so many queries; their contests are to be reset.
  void make_ready(size_t queries) {
    if (contests.size() < queries) contests.resize(queries);
    contests_in_use = queries;
    dots.resize(static_cast<size_t>(kScanQueries * kBlockRows));
    upper.resize(static_cast<size_t>(kBlockRows));
  }

  std::vector<Contest> contests;  // one per query that is scanned
  size_t contests_in_use = 0;
  AlignedBuffer<uint8_t> codes;  // of those queries
  AlignedBuffer<float> dots;     // [kScanQueries, kBlockRows]
  AlignedBuffer<float> upper;    // [kBlockRows]
  Sieve sieve;
  std::vector<uint32_t> rows;  // to be scored exactly
  std::vector<float> scores;
  TopKCollector collector;
};

// The scratch memory of the threads of one search: taken when a thread first asks, given back in the end.
class Leases {
 public:
  Leases(Spares<SearchWork>& spares, int64_t threads) : spares_(spares), works_(static_cast<size_t>(threads)) {}
  ~Leases() {
    for (auto& work : works_)
      if (work) spares_.give(std::move(work));
  }
  Leases(const Leases&) = delete;
  Leases& operator=(const Leases&) = delete;

  // Of one thread, which alone may ask for it. 0: the caller's.
  SearchWork& of(int64_t worker) {
    std::unique_ptr<SearchWork>& work = works_[static_cast<size_t>(worker)];
    if (!work) {
      work = spares_.take();
      if (!work) work = std::make_unique<SearchWork>();
      work->contests_in_use = 0;
    }
    return *work;
  }
  // Those of the other threads that have asked.
  template <class Each>
  void for_each_other(Each&& each) {
    for (size_t i = 1; i < works_.size(); ++i)
      if (works_[i]) each(*works_[i]);
  }

 private:
  Spares<SearchWork>& spares_;
  std::vector<std::unique_ptr<SearchWork>> works_;
};

}  // namespace recfast
