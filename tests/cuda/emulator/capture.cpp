// Streams that record, graphs, and host functions.

#include "device_state.h"

using emulator::append;
using emulator::call;

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, void (*function)(void*), void* data) {
  return call([&] {
    append(stream, [=] { function(data); });
    return cudaSuccess;
  });
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  return call([&] {
    if (stream == nullptr) return cudaErrorStreamCaptureUnsupported;
    if (stream->capture != nullptr) return cudaErrorIllegalState;
    if (mode != cudaStreamCaptureModeThreadLocal) return cudaErrorNotSupported;
    stream->capture = std::make_unique<CUgraph_st>();
    stream->capturing = std::this_thread::get_id();
    stream->spoilt = false;
    return cudaSuccess;
  });
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = nullptr;
  return call([&] {
    if (stream == nullptr || stream->capture == nullptr) return cudaErrorIllegalState;
    if (stream->capturing != std::this_thread::get_id()) return cudaErrorStreamCaptureWrongThread;
    std::unique_ptr<CUgraph_st> recorded = std::move(stream->capture);
    if (stream->spoilt) return cudaErrorStreamCaptureInvalidated;
    *graph = recorded.release();
    return cudaSuccess;
  });
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  *executable = nullptr;
  return call([&] {
    *executable = new CUgraphExec_st{std::make_shared<const std::vector<Work>>(graph->work)};
    return cudaSuccess;
  });
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return call([&] {
    append(stream, [work = executable->work] {
      for (const Work& next : *work) next();
    });
    return cudaSuccess;
  });
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return call([&] {
    delete graph;
    return cudaSuccess;
  });
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  return call([&] {
    delete executable;
    return cudaSuccess;
  });
}
