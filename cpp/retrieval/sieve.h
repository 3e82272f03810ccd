#pragma once
// Sieve: where few rows are eligible, reading those rows takes less time than a scan of everybody's codes. Products of
// f32 bound their scores (bounds.h); who reaches the bar goes to the contest.

#include <cstdint>

#include "base/aligned.h"
#include "kernels/kernels.h"
#include "retrieval/bounds.h"
#include "retrieval/contest.h"
#include "retrieval/vector_block.h"

namespace recfast {

class Sieve {
 public:
  // For the k best of a query f32 [dim], whose length is given, among rows with biases up to max_bias.
  void begin(const VectorSpace& space, const float* query, double length, float max_bias, int64_t k);
  // Takes rows of a block whose first one is row first_row. rows: bitmap [kBlockWords].
  void add(const VectorBlock& block, int64_t first_row, const uint64_t* rows, const KernelTable& kernels);
  // Who can be among the best of all that was added.
  Contest& finish(const KernelTable& kernels);

 private:
  static constexpr int64_t kRows = 2048;  // together: the first of them are not asked for ahead

  void offer(const KernelTable& kernels);
  void offer_block(int64_t first, int64_t count, const KernelTable& kernels);

  VectorSpace space_;
  ScanQuery query_;
  Contest contest_;
  bool biased_ = false;
  AlignedBuffer<float> vector_;  // the query as the kernel reads it
  int64_t count_ = 0;            // rows that wait to be offered
  AlignedBuffer<const float*> vectors_;
  AlignedBuffer<uint32_t> rows_;
  AlignedBuffer<float> bias_;
  AlignedBuffer<float> dots_;
  AlignedBuffer<float> lengths_;  // squares at first
  AlignedBuffer<float> inverse_;
  AlignedBuffer<float> upper_;
};

}  // namespace recfast
