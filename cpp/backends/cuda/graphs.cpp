#include "backends/cuda/graphs.h"

#include <algorithm>

#include "backends/cuda/error.h"

namespace recfast::cuda {

// Null where something in the work, or the driver, refuses.
Graphs::Executable Graphs::record(cudaStream_t stream, const std::function<void()>& enqueue) {
  cudaGraph_t graph = nullptr;
  bool recorded = cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal) == cudaSuccess;
  if (recorded) {
    try {
      enqueue();
    } catch (...) {  // the same work without recording says what is wrong, if anything is
      recorded = false;
    }
    recorded &= cudaStreamEndCapture(stream, &graph) == cudaSuccess;
  }
  cudaGraphExec_t executable = nullptr;
  if (recorded && cudaGraphInstantiate(&executable, graph, 0) != cudaSuccess) executable = nullptr;
  if (graph != nullptr) cudaGraphDestroy(graph);
  cudaGetLastError();  // a refusal is no error of the calls that follow
  return Executable(executable);
}

bool Graphs::run(cudaStream_t stream, const Key& key, const std::function<void()>& enqueue) {
  if (!possible_) {
    enqueue();
    return false;
  }
  const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.key == key; });
  if (known == entries_.end()) {
    enqueue();
    if (entries_.size() == kMost) entries_.pop_back();
    entries_.push_front({.key = key, .graph = nullptr});
    return false;
  }
  std::rotate(entries_.begin(), known, known + 1);
  Executable& graph = entries_.front().graph;
  if (graph == nullptr) graph = record(stream, enqueue);
  if (graph == nullptr) {
    possible_ = false;
    entries_.clear();
    enqueue();
    return false;
  }
  RECFAST_CUDA_CHECK(cudaGraphLaunch(graph.get(), stream));
  return true;
}

}  // namespace recfast::cuda
