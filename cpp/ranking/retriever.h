#pragma once
// Retriever: vectors with ids; the exact k best of all, without excluded ids, or of candidates, for queries. Runs
// without Python and without a lock.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/spares.h"
#include "features/column.h"
#include "filters/filter_cache.h"
#include "ranking/row_ids.h"
#include "retrieval/vector_device.h"
#include "retrieval/vector_index.h"

namespace recfast {

struct RetrieverQuery {
  const float* vector = nullptr;              // f32 [dim]
  const ChunkedColumn* exclude = nullptr;     // ids that may not come back. Queries that point to the same ids share
  const ChunkedColumn* candidates = nullptr;  // what is made of them; null: all
  int64_t left_out = -1;                      // a row that may not come back either
};

struct RetrieverOptions {
  int64_t k = 1;
  bool skip_missing = false;       // unknown candidates: leave out instead of KeyError
  int64_t threads = 1;             // at most
  Expression::Pointer where = {};  // what has to be true of a row; null: nothing
};

struct RetrieverResult {
  std::vector<Ranked> best;
  int64_t rescored = 0;  // rows that were scored exactly
  int64_t skipped = 0;   // unknown candidates
  int64_t ignored = 0;   // unknown excluded ids
};

inline constexpr char kOneId[] = "ids: one";
inline constexpr char kOneRow[] = "attributes: one row";
// Throws ValueError unless there are as many of them as vectors.
void check_one_per_vector(const char* what, int64_t got, int64_t vectors);

// Copies the vectors to CUDA's first device. Throws DeviceError where the build has no CUDA or the process no device,
// or its memory is not enough.
std::shared_ptr<const VectorDevice> cuda_vectors(const VectorIndex& index);

class Retriever {
 public:
  // ids: one per row of the index (ValueError). attributes: as many rows, or none. device: holds the vectors of the
  // index and scans them; null: the CPU does.
  Retriever(RowIds ids, VectorIndex index, std::optional<Attributes> attributes = std::nullopt,
            std::shared_ptr<const VectorDevice> device = nullptr);

  const RowIds& ids() const noexcept { return ids_; }
  const VectorIndex& index() const noexcept { return index_; }
  // Of everything but the f32 vectors: what is scanned, ids and attributes.
  int64_t size_bytes() const noexcept;

  // One result per query. Throws ValueError, TypeError or KeyError; of several queries it names the place.
  std::vector<RetrieverResult> search(std::span<const RetrieverQuery> queries, const RetrieverOptions& options) const;
  // The k best for the vector of a row, without that row.
  RetrieverResult similar(int64_t row, RetrieverQuery query, const RetrieverOptions& options) const;

 private:
  RowIds ids_;
  VectorIndex index_;
  std::optional<Attributes> attributes_;
  std::shared_ptr<const VectorDevice> device_;
  mutable FilterCache filters_;
  mutable Spares<SearchWork> spares_;
};

}  // namespace recfast
