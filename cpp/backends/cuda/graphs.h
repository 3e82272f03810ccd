#pragma once
// Graphs: work that a stream is given again and again, recorded as CUDA graphs and launched as a whole from then on.

#include <cuda_runtime.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <type_traits>
#include <vector>

namespace recfast::cuda {

class Graphs {
 public:
  // Everything that the work depends on but for the contents of memory: addresses and counts.
  using Key = std::vector<uintptr_t>;

  // possible: false where something in the work is known to refuse being recorded.
  explicit Graphs(bool possible) : possible_(possible) {}

  // Appends the work to the stream: as it is at a key's first run, which may still prepare something; by its graph
  // later. Where recording is refused, once and for all as it is. Returns whether a graph was launched. Throws
  // DeviceError, and what `enqueue` throws.
  bool run(cudaStream_t stream, const Key& key, const std::function<void()>& enqueue);

 private:
  static constexpr size_t kMost = 8;  // keys; the longest unused is forgotten
  struct Destroy {
    void operator()(cudaGraphExec_t graph) const noexcept { cudaGraphExecDestroy(graph); }
  };
  using Executable = std::unique_ptr<std::remove_pointer_t<cudaGraphExec_t>, Destroy>;
  struct Entry {
    Key key;
    Executable graph;
  };
  static Executable record(cudaStream_t stream, const std::function<void()>& enqueue);

  bool possible_;
  std::deque<Entry> entries_;  // the last used first
};

}  // namespace recfast::cuda
