#pragma once
// Arena: a stream and the memory of one running call, for tiles of up to `rows` candidates. Allocated once per bucket
// and reused; what comes with pair features grows to the largest so far.

#include <span>
#include <vector>

#include "backends/cuda/graphs.h"
#include "backends/cuda/memory.h"
#include "backends/cuda/pair_network.h"
#include "backends/cuda/step.h"
#include "features/encoder.h"

namespace recfast::cuda {

struct ArenaSizes {
  int64_t frame_width = 0;  // numbers per row
  int64_t request_width = 0;
  int64_t item_width = 0;                // of an f32 item row
  const PairNetwork* network = nullptr;  // what scores instead of the pair steps, or null
  bool recordable = true;                // calls of one size do the same work
};

class Arena {
 public:
  // Throws OutOfDeviceMemory.
  Arena(const ArenaSizes& sizes, int64_t rows);

  // Bytes of device memory that it allocates at once.
  static int64_t device_bytes(const ArenaSizes& sizes, int64_t rows);

  // The pair arrays of a tile of `count` candidates, filled up to `rows` with its last one's, bags with empty ones; and
  // their way to the device, when it has begun on the stream.
  void set_arrays(const Encoder& encoder, const EncodedArrays& encoded, int64_t count);
  void upload_arrays() const;
  // Where they lie there.
  const void* array_memory() const noexcept { return inputs_.as<void>(); }

  const int64_t rows;
  const Stream stream;
  Graphs graphs;
  DeviceMemory request;
  DeviceMemory frame;
  DeviceMemory index;  // u32, the candidates' rows among the resident ones
  DeviceMemory order;  // u32, the rows that break ties
  DeviceMemory items;  // f32 rows that came with the request
  DeviceMemory scores;
  DeviceMemory scratch;
  DeviceMemory best;
  PinnedMemory host_request;
  PinnedMemory host_index;
  PinnedMemory host_order;
  PinnedMemory host_items;
  PinnedMemory host_best;           // keys, or scores
  std::vector<DeviceArray> arrays;  // by the encoder's specs
  PairNetwork::Buffers network;

 private:
  int64_t input_bytes_ = 0;
  DeviceMemory inputs_;
  PinnedMemory host_inputs_;
};

}  // namespace recfast::cuda
