#pragma once
// PairNetwork: a PairEngine behind the pair stage's plan: the parts that it names are gathered into its inputs.

#include <memory>
#include <span>
#include <vector>

#include "backends/cuda/memory.h"
#include "backends/cuda/step.h"
#include "split/pair_engine.h"
#include "split/plan.h"

namespace recfast::cuda {

class PairNetwork {
 public:
  // named: what the plan was made with; the engine's parts are among them. Throws ValueError naming one that is not.
  PairNetwork(std::shared_ptr<const PairEngine> engine, const split::Plan& plan,
              std::span<const split::NamedPart> named);

  const PairEngine& engine() const noexcept { return *engine_; }
  // The pair steps that compute what the engine reads.
  std::vector<split::Step> needed(const split::Stage& pair) const;

  // What one arena runs it with.
  struct Buffers {
    std::vector<DeviceMemory> inputs;
    std::unique_ptr<PairEngine::Context> context;
  };
  int64_t input_bytes(int64_t rows) const noexcept;
  // scores: f32 [rows] in device memory. Throws OutOfDeviceMemory or DeviceError.
  Buffers make_buffers(int64_t rows, float* scores) const;

  // Appends to the tile's stream: gathers the inputs of tile.rows rows, as many as the buffers are for, and scores
  // them.
  void enqueue(const Tile& tile, const Buffers& buffers) const;

 private:
  struct Gather {
    split::Operand from;
    int64_t width = 0;
    int64_t column = 0;
  };
  struct Input {
    std::vector<Gather> parts;
    int64_t width = 0;
    bool of_request = false;
    int64_t rows(int64_t candidates) const noexcept { return of_request ? 1 : candidates; }
  };
  std::shared_ptr<const PairEngine> engine_;
  std::vector<Input> inputs_;
};

}  // namespace recfast::cuda
