#pragma once
// Arena: numbers that live and die together, one behind the other in huge pages. The layers of a network are read in
// turn at every request: apart, in small pages, they miss the TLB more often than the cache.

#include <cstddef>
#include <memory>
#include <vector>

namespace recfast {

class Arena {
 public:
  // f32 [count], zero, 64-byte aligned, readable for kPadding bytes behind the end. std::bad_alloc when there is none.
  float* floats(size_t count);

 private:
  struct Free {
    void operator()(void* memory) const noexcept;
  };
  std::vector<std::unique_ptr<void, Free>> chunks_;
  std::byte* next_ = nullptr;
  size_t left_ = 0;
};

}  // namespace recfast
