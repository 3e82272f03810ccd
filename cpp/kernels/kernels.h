#pragma once
// KernelTable: one function pointer per line of kernels.def. An executor takes the table once, when it is compiled.
// Every kernel is noexcept, takes plain pointers of any alignment, allocates nothing, and gives a row a result that
// does not depend on the row's place in the call.

#include <cstdint>

#include "base/blocks.h"

namespace recfast {

// How the rows of a bag become one: sum, sum / (length of the bag), or the elementwise maximum. An empty bag is zeros.
enum class Pooling : uint8_t { kSum, kMean, kMax };

// Gathered rows that will be read soon: a kernel asks for a few of their cache lines at a time, so that the memory
// works beside the arithmetic. Asking for all at once would fill the line buffers and stop the loads of the kernel
// itself.
struct Memory {
  const void* data = nullptr;
  int64_t bytes = 0;
};
struct Ahead {
  const Memory* rows = nullptr;
  int64_t count = 0;
  int64_t row = 0;  // next: this row, from this byte
  int64_t at = 0;
};

// Upper bounds of the scores of a block's rows for one query, from approximate dot products:
//   upper = scale * (step * dot + spread) + slack * reach + (bias * unit + constant)
// scale, slack and bias are the row's, the others the query's. cpp/retrieval/bounds.h derives them.
struct Bound {
  float step = 1;
  float spread = 0;
  float reach = 0;
  float unit = 1;
  float constant = 0;
};

struct KernelTable {
  const char* isa;  // "baseline", "avx2", ...
#define RECFAST_KERNEL(name, result, ...) result (*name)(__VA_ARGS__) noexcept;
#include "kernels/kernels.def"
#undef RECFAST_KERNEL
};

// Scans take rows by groups, which lie beside each other in a block.
inline constexpr int64_t kGroupRows = 8;
// Queries that a scan reads a block for at once.
inline constexpr int64_t kScanQueries = 4;

// linear's packed weights: [ceil(out / 16)][in][16], zero padded, 64-byte aligned.
inline constexpr int64_t kPanel = 16;

constexpr int64_t packed_width(int64_t out) noexcept {
  return (out + kPanel - 1) / kPanel * kPanel;
}
constexpr int64_t packed_size(int64_t in, int64_t out) noexcept {
  return packed_width(out) * in;
}

// weights: f32 [out, in], rows weights_stride apart (so that columns of a wider matrix can be packed by themselves).
// packed: f32 [packed_size(in, out)], written whole.
void pack_linear(const float* weights, int64_t weights_stride, int64_t in, int64_t out, float* packed) noexcept;

}  // namespace recfast
