// The hashing of rows in a kernel: the functions of hash/hash.h, compiled for the device.

#include "hash/hash.h"

#include <cstdint>
#include <limits>

#include "cpp/check.h"
#include "cuda/device.h"
#include "kernels/cuda/launch.cuh"

namespace recfast::cuda::test {
namespace {

constexpr int kThreads = 64;

__global__ void hash_kernel(const int64_t* values, int64_t n, uint64_t seed, uint64_t buckets, uint64_t* hashes,
                            uint64_t* rows) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= n) return;
  hashes[i] = hash_int(values[i], seed);
  rows[i] = bucket(hashes[i], buckets);
}

// XXH64 of the first i bytes of a text.
__global__ void hash_prefixes_kernel(const unsigned char* text, uint64_t seed, uint64_t* hashes) {
  const unsigned n = threadIdx.x;
  hashes[n] = xxh64_detail::finish(seed + xxh64_detail::kPrime5 + n, text, n);
}

TEST(integers_hash_as_on_the_cpu) {
  constexpr uint64_t kSeed = 12345678901234567890u;
  std::vector<int64_t> values{0, 1, -1, std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()};
  while (values.size() < 1000) values.push_back(static_cast<int64_t>(random()()) << any_int(32));
  const auto n = static_cast<int64_t>(values.size());
  const Array<int64_t> given(values);
  for (const uint64_t buckets : {uint64_t{1}, uint64_t{1000}, uint64_t{1} << 40}) {
    const Array<uint64_t> hashes(std::vector<uint64_t>(values.size()));
    const Array<uint64_t> rows(std::vector<uint64_t>(values.size()));
    RECFAST_LAUNCH(hash_kernel, blocks_for(n, kThreads), kThreads, nullptr, given.data(), n, kSeed, buckets,
                   hashes.data(), rows.data());
    ok(cudaGetLastError());
    const std::vector<uint64_t> found = hashes.host();
    const std::vector<uint64_t> at = rows.host();
    bool equal = found[3] == 0x50d317083551d916u;
    for (size_t i = 0; i < values.size(); ++i) {
      const uint64_t hash = hash_int(values[i], kSeed);
      equal &= found[i] == hash && at[i] == bucket(hash, buckets);
    }
    CHECK(equal);
  }
}

TEST(short_texts_hash_as_on_the_cpu) {
  const std::string text = "acme, or any other name of a s";
  const Array<unsigned char> given(std::vector<unsigned char>(text.begin(), text.end()));
  const Array<uint64_t> hashes(std::vector<uint64_t>(text.size()));
  RECFAST_LAUNCH(hash_prefixes_kernel, 1, static_cast<unsigned>(text.size()), nullptr, given.data(), uint64_t{3},
                 hashes.data());
  ok(cudaGetLastError());
  const std::vector<uint64_t> found = hashes.host();
  CHECK(found[4] == 0x24488cb7dc526e66u);
  bool equal = true;
  for (size_t n = 0; n < text.size(); ++n) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    equal &= found[n] == xxh64_detail::finish(3 + xxh64_detail::kPrime5 + n, bytes, n);
  }
  CHECK(equal);
}

}  // namespace
}  // namespace recfast::cuda::test
