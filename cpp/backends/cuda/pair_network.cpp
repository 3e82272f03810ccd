#include "backends/cuda/pair_network.h"

#include <algorithm>

#include "base/error.h"
#include "kernels/cuda/kernels.h"
#include "split/needed_steps.h"

namespace recfast::cuda {
namespace {

constexpr int64_t kFloat = sizeof(float);

}  // namespace

PairNetwork::PairNetwork(std::shared_ptr<const PairEngine> engine, const split::Plan& plan,
                         std::span<const split::NamedPart> named)
    : engine_(std::move(engine)) {
  for (const PairEngine::Input& given : engine_->inputs()) {
    Input input;
    input.of_request = given.side == Side::kRequest;
    for (const split::NamedPart& part : given.parts) {
      const auto found = std::find(named.begin(), named.end(), part);
      if (found == named.end()) {
        throw ValueError("the engine's input '" + given.name + "' reads what the model was not loaded to compute");
      }
      const split::Operand from = plan.named[static_cast<size_t>(found - named.begin())];
      input.parts.push_back({.from = from, .width = part.width, .column = input.width});
      input.width += part.width;
    }
    inputs_.push_back(std::move(input));
  }
}

std::vector<split::Step> PairNetwork::needed(const split::Stage& pair) const {
  std::vector<split::FrameRange> read;
  for (const Input& input : inputs_) {
    for (const Gather& part : input.parts) {
      if (part.from.source == split::Operand::Source::kFrame) read.push_back({part.from.offset, part.width});
    }
  }
  return split::needed_steps(pair.steps, std::move(read));
}

int64_t PairNetwork::input_bytes(int64_t rows) const noexcept {
  int64_t bytes = 0;
  for (const Input& input : inputs_) bytes += input.rows(rows) * input.width * kFloat;
  return bytes;
}

PairNetwork::Buffers PairNetwork::make_buffers(int64_t rows, float* scores) const {
  Buffers buffers;
  std::vector<uintptr_t> addresses;
  for (const Input& input : inputs_) {
    buffers.inputs.emplace_back(input.rows(rows) * input.width * kFloat);
    addresses.push_back(reinterpret_cast<uintptr_t>(buffers.inputs.back().as<void>()));
  }
  buffers.context = engine_->make_context();
  buffers.context->bind(addresses, reinterpret_cast<uintptr_t>(scores), rows);
  return buffers;
}

void PairNetwork::enqueue(const Tile& tile, const Buffers& buffers) const {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const Input& input = inputs_[i];
    for (const Gather& part : input.parts) {
      const Frame out{buffers.inputs[i].as<float>() + part.column, input.width};
      RECFAST_CUDA_CHECK(
          join_rows(tile.operand(part.from), nullptr, input.rows(tile.rows), part.width, false, out, tile.stream));
    }
  }
  buffers.context->enqueue(reinterpret_cast<uintptr_t>(tile.stream));
}

}  // namespace recfast::cuda
