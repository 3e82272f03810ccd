#include "runtime.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

struct CUstream_st {
  std::deque<std::function<void()>> work;
  uint64_t begun = 0;  // how much of the work is done or being done
};
struct CUevent_st {
  CUstream_st* stream = nullptr;
  uint64_t after = 0;  // the amount of the stream's work that it stands for
};

namespace {

constexpr unsigned kMaxThreads = 1024;
constexpr int kPoison = 0xCD;

struct Device {
  std::recursive_mutex mutex;
  std::map<void*, size_t> memory;
  std::map<void*, size_t> pinned;
  std::set<CUstream_st*> streams;
  CUstream_st first;  // the stream of null
  size_t used = 0;
  pid_t owner = 0;
};

Device& device() {
  static Device* const only = new Device;  // outlives whatever is destroyed at exit
  return *only;
}

thread_local cudaError_t last = cudaSuccess;

cudaError_t report(cudaError_t error) {
  if (error != cudaSuccess) last = error;
  return error;
}

size_t number_of_environment(const char* name, size_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr && *text != '\0' ? std::strtoull(text, nullptr, 10) : otherwise;
}

size_t memory_bytes() {
  return number_of_environment("RECFAST_EMULATOR_MEMORY", size_t{8} << 30);
}

// What every call begins with.
cudaError_t start() {
  if (number_of_environment("RECFAST_EMULATOR_DEVICES", 1) == 0) return cudaErrorInsufficientDriver;
  const pid_t own = getpid();
  if (device().owner == 0) device().owner = own;
  return device().owner == own ? cudaSuccess : cudaErrorInitializationError;
}

// A call: the lock is held while it runs, so that streams of several host threads take turns.
template <class F>
cudaError_t call(F&& body) {
  if (const cudaError_t error = start(); error != cudaSuccess) return report(error);
  const std::lock_guard<std::recursive_mutex> lock(device().mutex);
  return report(body());
}

CUstream_st& stream_of(cudaStream_t stream) {
  return stream != nullptr ? *stream : device().first;
}

void work_until(CUstream_st& stream, uint64_t amount) {
  while (stream.begun < amount && !stream.work.empty()) {
    const std::function<void()> next = std::move(stream.work.front());
    stream.work.pop_front();
    ++stream.begun;
    next();
  }
}

void finish(CUstream_st& stream) {
  work_until(stream, stream.begun + stream.work.size());
}

void finish_all() {
  finish(device().first);
  for (CUstream_st* stream : device().streams) finish(*stream);
}

void append(cudaStream_t stream, std::function<void()> work) {
  stream_of(stream).work.push_back(std::move(work));
}

bool is_inside(const std::map<void*, size_t>& areas, const void* address) {
  auto area = areas.upper_bound(const_cast<void*>(address));
  if (area == areas.begin()) return false;
  --area;
  return static_cast<const char*>(address) < static_cast<const char*>(area->first) + area->second;
}

cudaError_t allocate(std::map<void*, size_t>& areas, void** memory, size_t bytes) {
  *memory = bytes > 0 ? std::aligned_alloc(256, (bytes + 255) / 256 * 256) : nullptr;
  if (*memory == nullptr) return bytes > 0 ? cudaErrorMemoryAllocation : cudaSuccess;
  std::memset(*memory, kPoison, bytes);
  areas[*memory] = bytes;
  return cudaSuccess;
}

cudaError_t release(std::map<void*, size_t>& areas, void* memory) {
  if (memory == nullptr) return cudaSuccess;
  const auto area = areas.find(memory);
  if (area == areas.end()) return cudaErrorInvalidValue;
  if (&areas == &device().memory) device().used -= area->second;
  areas.erase(area);
  std::free(memory);
  return cudaSuccess;
}

cudaError_t copy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  const auto on_device = [](const void* address) { return is_inside(device().memory, address); };
  const bool to_device = kind == cudaMemcpyDefault ? on_device(to) : kind % 2 != 0;
  const bool from_device = kind == cudaMemcpyDefault ? on_device(from) : kind >= cudaMemcpyDeviceToHost;
  if (bytes == 0) return cudaSuccess;
  if ((to_device && !on_device(to)) || (from_device && !on_device(from))) return cudaErrorInvalidValue;
  if (!from_device && !is_inside(device().pinned, from)) {
    auto staged =
        std::make_shared<std::vector<char>>(static_cast<const char*>(from), static_cast<const char*>(from) + bytes);
    append(stream, [to, staged] { std::memcpy(to, staged->data(), staged->size()); });
  } else {
    append(stream, [to, from, bytes] { std::memmove(to, from, bytes); });
  }
  if (!to_device && !is_inside(device().pinned, to)) finish(stream_of(stream));
  return cudaSuccess;
}

}  // namespace

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  return call([&] {
    *count = 1;
    return cudaSuccess;
  });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int number) {
  return call([&] {
    if (number != 0) return cudaErrorInvalidDevice;
    *properties = {};
    std::snprintf(properties->name, sizeof properties->name, "recfast's emulator on the CPU");
    properties->totalGlobalMem = memory_bytes();
    properties->major = 9;
    properties->multiProcessorCount = 1;
    return cudaSuccess;
  });
}

cudaError_t cudaGetDevice(int* number) {
  *number = 0;
  return call([] { return cudaSuccess; });
}
cudaError_t cudaSetDevice(int number) {
  return call([&] { return number == 0 ? cudaSuccess : cudaErrorInvalidDevice; });
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = number_of_environment("RECFAST_EMULATOR_DEVICES", 1) > 0 ? CUDART_VERSION : 0;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t* free_bytes, size_t* total_bytes) {
  return call([&] {
    *total_bytes = memory_bytes();
    *free_bytes = *total_bytes - std::min(*total_bytes, device().used);
    return cudaSuccess;
  });
}
cudaError_t cudaDeviceSynchronize() {
  return call([] {
    finish_all();
    return cudaSuccess;
  });
}
cudaError_t cudaGetLastError() {
  return std::exchange(last, cudaSuccess);
}
cudaError_t cudaPeekAtLastError() {
  return last;
}

cudaError_t cudaMalloc(void** memory, size_t bytes) {
  return call([&] {
    *memory = nullptr;
    if (device().used + bytes > memory_bytes()) return cudaErrorMemoryAllocation;
    const cudaError_t error = allocate(device().memory, memory, bytes);
    if (error == cudaSuccess) device().used += bytes;
    return error;
  });
}
cudaError_t cudaMallocAsync(void** memory, size_t bytes, cudaStream_t) {
  return cudaMalloc(memory, bytes);
}
cudaError_t cudaFree(void* memory) {
  return call([&] {
    finish_all();
    return release(device().memory, memory);
  });
}
cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream) {
  return call([&] {
    append(stream, [memory] { release(device().memory, memory); });
    return cudaSuccess;
  });
}
cudaError_t cudaMallocHost(void** memory, size_t bytes) {
  return call([&] { return allocate(device().pinned, memory, bytes); });
}
cudaError_t cudaFreeHost(void* memory) {
  return call([&] {
    finish_all();
    return release(device().pinned, memory);
  });
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  return call([&] {
    finish_all();
    const cudaError_t error = copy(to, from, bytes, kind, nullptr);
    finish(device().first);
    return error;
  });
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  return call([&] { return copy(to, from, bytes, kind, stream); });
}
cudaError_t cudaMemset(void* to, int value, size_t bytes) {
  return cudaMemsetAsync(to, value, bytes, nullptr);
}
cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream) {
  return call([&] {
    if (bytes > 0 && !is_inside(device().memory, to)) return cudaErrorInvalidValue;
    append(stream, [=] { std::memset(to, value, bytes); });
    return cudaSuccess;
  });
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithFlags(stream, 0);
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  return call([&] {
    *stream = new CUstream_st;
    device().streams.insert(*stream);
    return cudaSuccess;
  });
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return call([&] {
    if (device().streams.erase(stream) == 0) return cudaErrorInvalidValue;
    finish(*stream);
    delete stream;
    return cudaSuccess;
  });
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return call([&] {
    finish(stream_of(stream));
    return cudaSuccess;
  });
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return call([&] { return stream_of(stream).work.empty() ? cudaSuccess : cudaErrorNotReady; });
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  return call([&] {
    const CUevent_st recorded = *event;
    append(stream, [recorded] {
      if (recorded.stream != nullptr) work_until(*recorded.stream, recorded.after);
    });
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, 0);
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  return call([&] {
    *event = new CUevent_st;
    return cudaSuccess;
  });
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return call([&] {
    delete event;
    return cudaSuccess;
  });
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return call([&] {
    CUstream_st& recorded = stream_of(stream);
    *event = {&recorded, recorded.begun + recorded.work.size()};
    return cudaSuccess;
  });
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return call([&] {
    if (event->stream != nullptr) work_until(*event->stream, event->after);
    return cudaSuccess;
  });
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t, cudaEvent_t) {
  *milliseconds = 0;
  return report(cudaErrorNotSupported);
}

cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode) {
  return report(cudaErrorStreamCaptureUnsupported);
}
cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
  *graph = nullptr;
  return report(cudaErrorStreamCaptureUnsupported);
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t, unsigned long long) {
  *executable = nullptr;
  return report(cudaErrorNotSupported);
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t, cudaStream_t) {
  return report(cudaErrorNotSupported);
}
cudaError_t cudaGraphDestroy(cudaGraph_t) {
  return report(cudaErrorNotSupported);
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t) {
  return report(cudaErrorNotSupported);
}

namespace emulator {

void enqueue_grid(const char* kernel, dim3 grid, dim3 block, cudaStream_t stream, std::function<void()> thread) {
  call([&] {
    const uint64_t threads = uint64_t{block.x} * block.y * block.z;
    const bool possible = threads >= 1 && threads <= kMaxThreads && grid.x >= 1 && grid.x < 1u << 31 && grid.y >= 1 &&
                          grid.y <= 65535 && grid.z >= 1 && grid.z <= 65535;
    if (!possible) return cudaErrorInvalidConfiguration;
    append(stream, [=, body = std::move(thread)] { run_grid(kernel, grid, block, body); });
    return cudaSuccess;
  });
}

}  // namespace emulator
