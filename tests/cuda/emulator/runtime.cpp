#include "runtime.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "device_state.h"

using namespace emulator;

struct CUevent_st {
  CUstream_st* stream = nullptr;
  uint64_t after = 0;  // the amount of the stream's work that it stands for
};

namespace {

constexpr unsigned kMaxThreads = 1024;
constexpr int kPoison = 0xCD;

thread_local cudaError_t last = cudaSuccess;

size_t number_of_environment(const char* name, size_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr && *text != '\0' ? std::strtoull(text, nullptr, 10) : otherwise;
}

size_t memory_bytes() {
  return number_of_environment("RECFAST_EMULATOR_MEMORY", size_t{8} << 30);
}

// What a capture does not allow, of one stream or by one thread.
cudaError_t spoil(CUstream_st& stream) {
  if (stream.capture == nullptr) return cudaSuccess;
  stream.spoilt = true;
  return cudaErrorStreamCaptureUnsupported;
}
cudaError_t spoil_own() {
  cudaError_t error = cudaSuccess;
  for (CUstream_st* stream : device().streams)
    if (stream->capturing == std::this_thread::get_id() && spoil(*stream) != cudaSuccess)
      error = cudaErrorStreamCaptureUnsupported;
  return error;
}
// A call that a thread which captures must not make.
template <class F>
cudaError_t call_outside(F&& body) {
  return call([&] {
    const cudaError_t error = spoil_own();
    return error != cudaSuccess ? error : body();
  });
}

void work_until(CUstream_st& stream, uint64_t amount) {
  while (stream.begun < amount && !stream.work.empty()) {
    const Work next = std::move(stream.work.front());
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
  const bool pinned =
      (from_device || is_inside(device().pinned, from)) && (to_device || is_inside(device().pinned, to));
  if (!pinned && stream_of(stream).capture != nullptr) return spoil(stream_of(stream));
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
  return call_outside([] {
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
  return call_outside([&] {
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
  return call_outside([&] {
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
  return call_outside([&] { return allocate(device().pinned, memory, bytes); });
}
cudaError_t cudaFreeHost(void* memory) {
  return call_outside([&] {
    finish_all();
    return release(device().pinned, memory);
  });
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  return call_outside([&] {
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
    stream->capture = nullptr;
    finish(*stream);
    delete stream;
    return cudaSuccess;
  });
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return call([&] {
    if (const cudaError_t error = spoil(stream_of(stream)); error != cudaSuccess) return error;
    finish(stream_of(stream));
    return cudaSuccess;
  });
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return call([&] {
    if (const cudaError_t error = spoil(stream_of(stream)); error != cudaSuccess) return error;
    return stream_of(stream).work.empty() ? cudaSuccess : cudaErrorNotReady;
  });
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  return call([&] {
    if (const cudaError_t error = spoil(stream_of(stream)); error != cudaSuccess) return error;
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
    if (const cudaError_t error = spoil(recorded); error != cudaSuccess) return error;
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

namespace emulator {

Device& device() {
  static Device* const only = new Device;  // outlives whatever is destroyed at exit
  return *only;
}

CUstream_st& stream_of(cudaStream_t stream) {
  return stream != nullptr ? *stream : device().first;
}

void append(cudaStream_t stream, Work work) {
  CUstream_st& to = stream_of(stream);
  if (to.capture != nullptr)
    to.capture->work.push_back(std::move(work));
  else
    to.work.push_back(std::move(work));
}

cudaError_t report(cudaError_t error) {
  if (error != cudaSuccess) last = error;
  return error;
}

cudaError_t start() {
  if (number_of_environment("RECFAST_EMULATOR_DEVICES", 1) == 0) return cudaErrorInsufficientDriver;
  const pid_t own = getpid();
  if (device().owner == 0) device().owner = own;
  return device().owner == own ? cudaSuccess : cudaErrorInitializationError;
}

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
