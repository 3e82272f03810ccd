#pragma once
// Dictionary: the different strings of an attribute, numbered in the order in which they came. It only grows, and
// versions of a catalogue share it: who reads an old version goes on while a writer appends, without a lock.
//
// Writers take turns (the catalogue's ProcessMutex). What a reader needs of it is what was appended before the version
// that it reads was published. At every moment it is valid, as a child that is forked meanwhile finds it: an entry
// counts once size_ says so, and at worst is not in the index, which nothing that was published can miss.

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/memory_use.h"

namespace recfast {

class Dictionary {
 public:
  // use: moved by what the dictionary takes, or null.
  explicit Dictionary(std::shared_ptr<MemoryUse> use = nullptr) : use_(std::move(use)) {}
  ~Dictionary();
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  int64_t size() const noexcept { return size_.load(std::memory_order_acquire); }
  // code < size().
  std::string_view at(uint32_t code) const noexcept {
    const int segment = segment_of(code);
    return segments_[static_cast<size_t>(segment)].load(std::memory_order_acquire)[code - first_of(segment)];
  }
  // The code of a string, or -1.
  int64_t find(std::string_view text) const noexcept;
  // The code of a string, which is appended if it is new. Writers take turns.
  uint32_t insert(std::string_view text);
  int64_t size_bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

 private:
  // Open addressing. A slot is the upper half of the string's hash, and code + 1; 0 is free. Larger ones replace it,
  // but stay linked until the end, as somebody may be reading: together they take as much again.
  struct Index {
    Index* older;
    uint64_t mask;
    std::atomic<uint64_t>* slots;
  };
  struct Chunk {  // of the strings' bytes, which follow it
    Chunk* older;
    size_t used;
    size_t capacity;
    char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
  };

  // Segment s holds 64 * 2^s entries, which never move.
  static constexpr uint64_t kFirstSegment = 64;
  static constexpr size_t kSegments = 27;
  static int segment_of(uint64_t code) noexcept { return std::bit_width(code / kFirstSegment + 1) - 1; }
  static uint64_t first_of(int segment) noexcept { return kFirstSegment * ((uint64_t{1} << segment) - 1); }

  int64_t find(std::string_view text, uint64_t hash) const noexcept;
  static void put(Index& index, uint64_t hash, uint32_t code) noexcept;
  void grow_index(uint64_t entries);
  const char* keep(std::string_view text);
  void add_bytes(int64_t bytes) noexcept;

  std::array<std::atomic<std::string_view*>, kSegments> segments_{};
  std::atomic<uint32_t> size_{0};
  std::atomic<Index*> index_{nullptr};
  std::atomic<int64_t> bytes_{0};
  std::atomic<Chunk*> chunk_{nullptr};
  std::shared_ptr<MemoryUse> use_;
};

}  // namespace recfast
