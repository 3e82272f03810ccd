#include "base/aligned.h"

#include <cstdlib>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace recfast {

namespace {

constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

void* allocate_aligned(size_t bytes) {
  const size_t wanted = checked_add(bytes, kPadding, "buffer size");
  const bool huge = wanted >= 2 * kHugePage;
  const size_t alignment = huge ? kHugePage : kAlignment;
  const size_t rounded = checked_add(wanted, alignment - 1, "buffer size") / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (huge) madvise(memory, rounded, MADV_HUGEPAGE);  // advice only: a kernel without huge pages may refuse it
#endif
  std::memset(memory, 0, rounded);
  return memory;
}

void release_aligned(void* memory) noexcept {
  std::free(memory);
}

}  // namespace recfast
