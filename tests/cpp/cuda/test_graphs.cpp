// Graphs on the emulator: what is recorded is done again at each launch, and what refuses recording is done as it is.

#include "backends/cuda/graphs.h"

#include "backends/cuda/error.h"
#include "backends/cuda/memory.h"
#include "cpp/check.h"

namespace recfast::cuda {
namespace {

// A number that goes to the device and back.
struct Echo {
  Stream stream;
  PinnedMemory from{8}, to{8};
  DeviceMemory device{8};
  int64_t appended = 0;

  void enqueue() {
    ++appended;
    upload(device.as<void>(), from.as<void>(), 8, stream.get());
    download(to.as<void>(), device.as<void>(), 8, stream.get());
  }
  int64_t run(Graphs& graphs, const Graphs::Key& key, int64_t number, bool* launched = nullptr) {
    *from.as<int64_t>() = number;
    const bool by_graph = graphs.run(stream.get(), key, [&] { enqueue(); });
    if (launched != nullptr) *launched = by_graph;
    stream.wait();
    return *to.as<int64_t>();
  }
};

TEST(a_graph_does_its_work_on_what_memory_holds_then) {
  Echo echo;
  Graphs graphs(true);
  bool launched = true;
  CHECK(echo.run(graphs, {1}, 10, &launched) == 10);
  CHECK(!launched);
  for (const int64_t number : {11, 12, 13}) {
    CHECK(echo.run(graphs, {1}, number, &launched) == number);
    CHECK(launched);
  }
  CHECK(echo.appended == 2);  // once as it is, once to be recorded
}

TEST(each_key_has_a_graph_of_its_own_and_few_are_kept) {
  Echo echo;
  Graphs graphs(true);
  for (int round = 0; round < 3; ++round)
    for (uintptr_t key = 0; key < 8; ++key) CHECK(echo.run(graphs, {key, 5}, round) == round);
  CHECK(echo.appended == 16);
  for (uintptr_t key = 8; key < 16; ++key) CHECK(echo.run(graphs, {key, 5}, 1) == 1);
  bool launched = true;
  CHECK(echo.run(graphs, {0, 5}, 2, &launched) == 2);  // forgotten
  CHECK(!launched);
}

TEST(what_cannot_be_recorded_runs_as_it_is) {
  Echo echo;
  Graphs graphs(true);
  const auto allocate = [&] {
    const DeviceMemory more(64);  // not while recording
    echo.enqueue();
  };
  for (const int64_t number : {1, 2, 3}) {
    *echo.from.as<int64_t>() = number;
    CHECK(!graphs.run(echo.stream.get(), {1}, allocate));
    echo.stream.wait();
    CHECK(*echo.to.as<int64_t>() == number);
  }
  CHECK(echo.appended == 3);
  bool launched = true;
  CHECK(echo.run(graphs, {2}, 4, &launched) == 4);
  CHECK(echo.run(graphs, {2}, 5, &launched) == 5);
  CHECK(!launched);
  CHECK(cudaGetLastError() == cudaSuccess);
}

TEST(a_capture_refuses_what_cuda_refuses) {
  const Stream stream;
  const DeviceMemory memory(8);
  const int64_t pageable = 0;
  cudaGraph_t graph = nullptr;
  CHECK(cudaStreamEndCapture(stream.get(), &graph) == cudaErrorIllegalState);
  CHECK(cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeThreadLocal) == cudaErrorStreamCaptureUnsupported);
  CHECK(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal) == cudaSuccess);
  CHECK(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal) == cudaErrorIllegalState);
  CHECK(cudaStreamSynchronize(stream.get()) == cudaErrorStreamCaptureUnsupported);
  CHECK(cudaStreamEndCapture(stream.get(), &graph) == cudaErrorStreamCaptureInvalidated);
  CHECK(graph == nullptr);
  CHECK(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal) == cudaSuccess);
  CHECK(cudaMemcpyAsync(memory.as<void>(), &pageable, 8, cudaMemcpyHostToDevice, stream.get()) ==
        cudaErrorStreamCaptureUnsupported);
  CHECK(cudaStreamEndCapture(stream.get(), &graph) == cudaErrorStreamCaptureInvalidated);
  CHECK(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal) == cudaSuccess);
  void* more = nullptr;
  CHECK(cudaMalloc(&more, 8) == cudaErrorStreamCaptureUnsupported);
  CHECK(cudaStreamEndCapture(stream.get(), &graph) == cudaErrorStreamCaptureInvalidated);
  cudaGetLastError();
}

}  // namespace
}  // namespace recfast::cuda
