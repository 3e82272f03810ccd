#include "filters/dictionary.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "base/error.h"
#include "hash/hash.h"

namespace recfast {
namespace {

constexpr uint32_t kMaxEntries = UINT32_MAX - 1;
constexpr size_t kChunkBytes = size_t{64} << 10;
constexpr uint64_t kFirstSlots = 128;
constexpr uint64_t kUpper = ~uint64_t{UINT32_MAX};

}  // namespace

Dictionary::~Dictionary() {
  for (Index* index = index_.load(std::memory_order_acquire); index != nullptr;) {
    Index* older = index->older;
    delete[] index->slots;
    delete index;
    index = older;
  }
  for (Chunk* chunk = chunk_.load(std::memory_order_acquire); chunk != nullptr;) {
    Chunk* older = chunk->older;
    ::operator delete(chunk);
    chunk = older;
  }
  for (auto& segment : segments_) delete[] segment.load(std::memory_order_acquire);
  add_bytes(-size_bytes());
}

void Dictionary::add_bytes(int64_t bytes) noexcept {
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  if (use_ == nullptr) return;
  use_->used.fetch_add(bytes, std::memory_order_relaxed);
  use_->allocated.fetch_add(bytes, std::memory_order_relaxed);
}

int64_t Dictionary::find(std::string_view text, uint64_t hash) const noexcept {
  const Index* index = index_.load(std::memory_order_acquire);
  if (index == nullptr) return -1;
  for (uint64_t at = hash & index->mask;; at = (at + 1) & index->mask) {
    const uint64_t slot = index->slots[at].load(std::memory_order_acquire);
    if (slot == 0) return -1;
    if ((slot ^ hash) & kUpper) continue;
    const auto code = static_cast<uint32_t>(slot) - 1;
    if (this->at(code) == text) return code;
  }
}

int64_t Dictionary::find(std::string_view text) const noexcept {
  return find(text, hash_bytes(text, 0));
}

void Dictionary::put(Index& index, uint64_t hash, uint32_t code) noexcept {
  uint64_t at = hash & index.mask;
  while (index.slots[at].load(std::memory_order_relaxed) != 0) at = (at + 1) & index.mask;
  index.slots[at].store((hash & kUpper) | (uint64_t{code} + 1), std::memory_order_release);
}

void Dictionary::grow_index(uint64_t entries) {
  Index* old = index_.load(std::memory_order_relaxed);
  const uint64_t slots = std::max(kFirstSlots, std::bit_ceil(entries * 4));
  auto index = std::make_unique<Index>(Index{old, slots - 1, nullptr});
  index->slots = new std::atomic<uint64_t>[slots]();
  for (uint32_t code = 0; code + 1 < entries; ++code) put(*index, hash_bytes(at(code), 0), code);
  add_bytes(static_cast<int64_t>(slots * sizeof(uint64_t)));
  index_.store(index.release(), std::memory_order_release);
}

const char* Dictionary::keep(std::string_view text) {
  Chunk* chunk = chunk_.load(std::memory_order_relaxed);
  if (chunk == nullptr || chunk->capacity - chunk->used < text.size()) {
    const size_t capacity = std::max(kChunkBytes, text.size());
    auto* fresh = static_cast<Chunk*>(::operator new(sizeof(Chunk) + capacity));
    *fresh = {chunk, 0, capacity};
    chunk = fresh;
    chunk_.store(chunk, std::memory_order_release);
    add_bytes(static_cast<int64_t>(sizeof(Chunk) + capacity));
  }
  char* bytes = chunk->bytes() + chunk->used;
  if (!text.empty()) std::memcpy(bytes, text.data(), text.size());
  chunk->used += text.size();
  return bytes;
}

uint32_t Dictionary::insert(std::string_view text) {
  const uint64_t hash = hash_bytes(text, 0);
  if (const int64_t found = find(text, hash); found >= 0) return static_cast<uint32_t>(found);
  const uint32_t code = size_.load(std::memory_order_relaxed);
  if (code >= kMaxEntries) throw ValueError("an attribute holds at most 2**32 - 2 different strings");
  const Index* index = index_.load(std::memory_order_relaxed);
  if (index == nullptr || (uint64_t{code} + 1) * 2 > index->mask) grow_index(uint64_t{code} + 1);
  const int segment = segment_of(code);
  std::atomic<std::string_view*>& place = segments_[static_cast<size_t>(segment)];
  std::string_view* entries = place.load(std::memory_order_relaxed);
  if (entries == nullptr) {
    const size_t count = kFirstSegment << segment;
    entries = new std::string_view[count];
    place.store(entries, std::memory_order_release);
    add_bytes(static_cast<int64_t>(count * sizeof(std::string_view)));
  }
  entries[code - first_of(segment)] = {keep(text), text.size()};
  size_.store(code + 1, std::memory_order_release);
  put(*index_.load(std::memory_order_relaxed), hash, code);
  return code;
}

}  // namespace recfast
