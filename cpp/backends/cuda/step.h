#pragma once
// A step of the pair stage, bound to this device's kernels. It works on a tile of candidates, one row each.

#include <memory>
#include <span>
#include <variant>

#include "backends/cuda/error.h"
#include "kernels/cuda/rows.h"
#include "split/steps.h"

namespace recfast::cuda {

// An encoded array in device memory, as EncodedArray has it; values of dense arrays lie in rows of whole 16 bytes.
struct DeviceArray {
  InputKind kind = InputKind::kIds;
  const int64_t* ids = nullptr;
  const int64_t* offsets = nullptr;
  const float* values = nullptr;
};

// Columns [first, first + rows.dim) of stored item rows.
struct ItemColumns {
  int64_t first = 0;
  DeviceRows rows;
};

struct Tile {
  int64_t rows = 0;
  Frame frame;
  const float* request = nullptr;      // the one row
  std::span<const ItemColumns> items;  // by first
  const uint32_t* index = nullptr;     // the candidates' rows there, or null: 0 .. rows
  const DeviceArray* arrays = nullptr;
  cudaStream_t stream = nullptr;

  // frame[.., offset ..] as what a kernel writes, or reads.
  Frame at(int64_t offset) const noexcept { return {frame.data + offset, frame.stride}; }
  Operand operand(const split::Operand& x) const noexcept;
};

class Step {
 public:
  virtual ~Step() = default;
  // Appends its work to the stream. Throws DeviceError.
  virtual void enqueue(const Tile& tile) const = 0;
};

// One overload per step that the device runs. They copy weights to the device.
std::unique_ptr<Step> bind(const split::Input& plan);
std::unique_ptr<Step> bind(const split::Copy& plan);
std::unique_ptr<Step> bind(const split::Rows& plan);
std::unique_ptr<Step> bind(const split::EmbeddingBag& plan);
std::unique_ptr<Step> bind(const split::Linear& plan);
std::unique_ptr<Step> bind(const split::JoinRows& plan);
std::unique_ptr<Step> bind(const split::Fm& plan);
std::unique_ptr<Step> bind(const split::AddDot& plan);
std::unique_ptr<Step> bind(const split::DotBlock& plan);
std::unique_ptr<Step> bind(const split::DotVectors& plan);
std::unique_ptr<Step> bind(const split::Cross& plan);
std::unique_ptr<Step> bind(const split::Normalise& plan);
std::unique_ptr<Step> bind(const split::Id& plan);
std::unique_ptr<Step> bind(const split::Pick& plan);

template <class Kind>
concept Runs = requires(const Kind& kind) { bind(kind); };
inline bool supports(const split::Step& step) noexcept {
  return std::visit([]<class Kind>(const Kind&) { return Runs<Kind>; }, step);
}

}  // namespace recfast::cuda
