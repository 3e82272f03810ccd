#include "backends/cuda/arena.h"

#include <algorithm>
#include <cstring>

#include "kernels/cuda/kernels.h"

namespace recfast::cuda {
namespace {

constexpr int64_t kFloat = sizeof(float);
constexpr int64_t kRow = sizeof(uint32_t);
constexpr int64_t kKey = sizeof(uint64_t);

int64_t most_best(int64_t rows) {
  return std::min(rows, kMaxTopK);
}

// Pieces of one staging buffer, each at a multiple of 16 bytes.
class Staging {
 public:
  Staging(uint8_t* host, uint8_t* device) : host_(host), device_(device) {}
  // Both return where the numbers lie on the device. Without memory they only count. The first `count` are given; the
  // last of them stands for the others up to `total`.
  template <class T>
  const T* put(const T* values, int64_t count, int64_t total) {
    const int64_t at = bytes_;
    bytes_ += whole(total * static_cast<int64_t>(sizeof(T))) + kSlack;
    if (host_ == nullptr) return nullptr;
    T* const to = reinterpret_cast<T*>(host_ + at);
    std::copy_n(values, count, to);
    if (count < total) std::fill(to + count, to + total, values[count - 1]);
    return reinterpret_cast<const T*>(device_ + at);
  }
  // Rows of `width` numbers, each at a multiple of 16 bytes.
  const float* put_rows(const float* values, int64_t count, int64_t total, int64_t width) {
    const int64_t stride = whole(width * kFloat);
    const int64_t at = bytes_;
    bytes_ += total * stride + kSlack;
    if (host_ == nullptr) return nullptr;
    for (int64_t r = 0; r < total; ++r)
      std::memcpy(host_ + at + r * stride, values + std::min(r, count - 1) * width,
                  static_cast<size_t>(width * kFloat));
    return reinterpret_cast<const float*>(device_ + at);
  }
  int64_t bytes() const noexcept { return bytes_; }

 private:
  static constexpr int64_t kSlack = 16;  // rows may be read up to whole 16 bytes
  static int64_t whole(int64_t bytes) { return (bytes + 15) / 16 * 16; }
  uint8_t* host_;
  uint8_t* device_;
  int64_t bytes_ = 0;
};

}  // namespace

int64_t Arena::device_bytes(const ArenaSizes& sizes, int64_t rows) {
  return rows * (sizes.frame_width * kFloat + 2 * kRow + kFloat) + sizes.request_width * kFloat +
         top_k_scratch(1, rows, most_best(rows)) + most_best(rows) * kKey +
         (sizes.network != nullptr ? sizes.network->input_bytes(rows) : 0);
}

Arena::Arena(const ArenaSizes& sizes, int64_t rows)
    : rows(rows),
      graphs(sizes.recordable),
      request(sizes.request_width * kFloat),
      frame(rows * sizes.frame_width * kFloat),
      index(rows * kRow),
      order(rows * kRow),
      scores(rows * kFloat),
      scratch(top_k_scratch(1, rows, most_best(rows))),
      best(most_best(rows) * kKey),
      host_request(sizes.request_width * kFloat),
      host_index(rows * kRow),
      host_order(rows * kRow),
      host_best(std::max(rows * kFloat, most_best(rows) * kKey)) {
  if (sizes.network == nullptr) return;
  network = sizes.network->make_buffers(rows, scores.as<float>());
  if (!network.context->capturable(reinterpret_cast<uintptr_t>(stream.get()))) graphs = Graphs(false);
}

void Arena::set_arrays(const Encoder& encoder, const EncodedArrays& encoded, int64_t count) {
  arrays.resize(encoded.size());
  const auto put_all = [&](Staging staging) {
    for (size_t i = 0; i < encoded.size(); ++i) {
      if (encoder.specs()[i].side != Side::kPair) continue;
      const EncodedArray& from = encoded[i];
      DeviceArray& to = arrays[i];
      to.kind = from.kind;
      if (from.kind == InputKind::kIds) {
        to.ids = staging.put(from.ids.data(), count, rows);
      } else if (from.kind == InputKind::kDense) {
        to.values = staging.put_rows(from.values.data(), count, rows, from.width);
      } else {
        const int64_t ids = from.offsets[static_cast<size_t>(count)];
        to.ids = staging.put(from.ids.data(), ids, ids);
        to.offsets = staging.put(from.offsets.data(), count + 1, rows + 1);
        if (from.kind == InputKind::kWeightedBag) to.values = staging.put(from.values.data(), ids, ids);
      }
    }
    return staging.bytes();
  };
  input_bytes_ = put_all({nullptr, nullptr});
  if (input_bytes_ == 0) return;
  inputs_.reserve(input_bytes_);
  host_inputs_.reserve(input_bytes_);
  put_all({host_inputs_.as<uint8_t>(), inputs_.as<uint8_t>()});
}

void Arena::upload_arrays() const {
  upload(inputs_.as<void>(), host_inputs_.as<void>(), input_bytes_, stream.get());
}

}  // namespace recfast::cuda
