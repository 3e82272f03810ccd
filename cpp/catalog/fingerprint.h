#pragma once
// Fingerprints: 64-bit hashes that tell whether a stored item side is still what the model gives. XXH64, each hash the
// seed of the next.

#include <cstdint>

#include "backends/cpu/executor.h"

namespace recfast {

// Of everything that an item side comes from but the item: the schema, the program, the weights and tables of the ops
// that items reach, and the ISA, whose kernels round in their own order. Reads those tables once.
uint64_t model_fingerprint(const cpu::Executor& executor);

// out[i] = of row i's encoded item features under that model. The arrays: as the encoder gives them.
void row_fingerprints(const Encoder& encoder, const EncodedArrays& arrays, int64_t rows, uint64_t model, uint64_t* out);

}  // namespace recfast
