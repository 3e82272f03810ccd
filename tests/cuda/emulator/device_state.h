#pragma once
// What the files of the emulated runtime share: the one device, its streams, and how every call begins.

#include <unistd.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "runtime.h"

using Work = std::function<void()>;
struct CUgraph_st {
  std::vector<Work> work;
};
struct CUgraphExec_st {
  std::shared_ptr<const std::vector<Work>> work;
};
struct CUstream_st {
  std::deque<Work> work;
  std::unique_ptr<CUgraph_st> capture;  // what is recorded, while it is
  std::thread::id capturing;            // by whom
  bool spoilt = false;
  uint64_t begun = 0;  // how much of the work is done or being done
};

namespace emulator {

struct Device {
  std::recursive_mutex mutex;
  std::map<void*, size_t> memory;
  std::map<void*, size_t> pinned;
  std::set<CUstream_st*> streams;
  CUstream_st first;  // the stream of null
  size_t used = 0;
  pid_t owner = 0;
};

Device& device();
CUstream_st& stream_of(cudaStream_t stream);
// To the stream's work, or to what is recorded of it.
void append(cudaStream_t stream, Work work);

// Remembers it as the last error.
cudaError_t report(cudaError_t error);
// What every call begins with.
cudaError_t start();
// A call: the lock is held while it runs, so that streams of several host threads take turns.
template <class F>
cudaError_t call(F&& body) {
  if (const cudaError_t error = start(); error != cudaSuccess) return report(error);
  const std::lock_guard<std::recursive_mutex> lock(device().mutex);
  return report(body());
}

}  // namespace emulator
