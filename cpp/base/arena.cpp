#include "base/arena.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "base/aligned.h"
#include "base/checked.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace recfast {
namespace {

constexpr size_t kChunk = size_t{2} << 20;  // a huge page

size_t round_up(size_t bytes, size_t unit) {
  return checked_add(bytes, unit - 1, "buffer size") / unit * unit;
}

}  // namespace

void Arena::Free::operator()(void* memory) const noexcept {
  std::free(memory);
}

float* Arena::floats(size_t count) {
  const size_t bytes =
      round_up(checked_add(checked_mul(count, sizeof(float), "buffer size"), kPadding, "buffer size"), kAlignment);
  if (bytes > left_) {
    const size_t size = round_up(bytes, kChunk);
    chunks_.emplace_back(std::aligned_alloc(kChunk, size));
    if (chunks_.back() == nullptr) throw std::bad_alloc();
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    madvise(chunks_.back().get(), size, MADV_HUGEPAGE);  // advice only
#endif
    next_ = static_cast<std::byte*>(chunks_.back().get());
    left_ = size;
  }
  std::byte* out = next_;
  next_ += bytes;
  left_ -= bytes;
  std::memset(out, 0, bytes);
  return reinterpret_cast<float*>(out);
}

}  // namespace recfast
