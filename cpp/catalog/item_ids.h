#pragma once
// The ids of a catalogue, all int64 or all strings, and a flat hash table from id to row.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/aligned.h"
#include "features/column.h"

namespace recfast {

enum class IdType : uint8_t { kNone, kInt, kString };  // kNone: no id yet

class ItemIds {
 public:
  // The ids of a key column. Throws TypeError for other types, ValueError for nulls, integers outside of int64, strings
  // that are not UTF-8 and, naming them, ids that stand there twice; `column` is its name.
  static ItemIds from_column(const ChunkedColumn& ids, const std::string& column);

  IdType type() const noexcept { return type_; }
  int64_t size() const noexcept { return size_; }
  int64_t integer_at(int64_t row) const noexcept { return ints_[static_cast<size_t>(row)]; }
  std::string_view string_at(int64_t row) const noexcept { return string_in(places_[static_cast<size_t>(row)]); }

  // The row of the id in `ids` at `at`, or -1. The column's type was checked.
  int64_t find(const Column& ids, int64_t at) const noexcept;
  // rows[i] = find(ids, i) for every row of a column that is no dictionary; memory is asked for ahead. Nulls give -1.
  void find_all(const Column& ids, int64_t* rows) const noexcept;
  // The row of the id that `other` has at `row`, or -1.
  int64_t find(const ItemIds& other, int64_t row) const noexcept;
  // Throws TypeError unless ids of this column can be looked up here; `what` says what they are.
  void check_type(const Column& ids, const std::string& what) const;

  // No ids, but the type is fixed already.
  static ItemIds of_type(IdType type) {
    ItemIds out;
    out.type_ = type;
    return out;
  }
  // Appends the id of another list. Of rows with the same id, the last one is found.
  void append(const ItemIds& other, int64_t row);
  void append(const ItemIds& other);
  int64_t size_bytes() const noexcept;
  // For messages.
  static std::string text(const Column& ids, int64_t at);

 private:
  struct Key {
    bool is_string;
    int64_t integer;
    std::string_view string;
  };
  // One place in memory per look-up of an integer, two per string: the key itself, or the string's hash and its place.
  struct Slot {
    uint64_t key = 0;
    uint32_t row = 0;  // row + 1, or 0: free
    uint32_t place = 0;
  };
  Key key_at(int64_t row) const noexcept;
  static Key key_of(const Column& ids, int64_t at) noexcept;
  static uint64_t hash_of(const Key& key) noexcept;
  // The string's length and bytes begin at a multiple of 4 in strings_.
  std::string_view string_in(uint32_t place) const noexcept {
    const char* at = strings_.data() + size_t{place} * kUnit;
    uint32_t length;
    std::memcpy(&length, at, sizeof length);
    return {at + sizeof length, length};
  }
  const Slot* slot_of(const Key& key, uint64_t hash) const noexcept;
  int64_t find(const Key& key, uint64_t hash) const noexcept {
    const Slot* slot = slot_of(key, hash);
    return slot == nullptr ? -1 : int64_t{slot->row} - 1;
  }
  int64_t find_key(const Key& key) const noexcept { return find(key, hash_of(key)); }
  template <class Read>
  void find_block(int64_t count, const Read& read, int64_t* rows) const noexcept;
  Slot add_row(const Key& key, uint64_t hash);
  bool insert(const Key& key);
  void put(const Slot& slot, uint64_t hash) noexcept;
  void grow();

  static constexpr size_t kUnit = sizeof(uint32_t);

  IdType type_ = IdType::kNone;
  int64_t size_ = 0;
  std::vector<int64_t> ints_;
  std::vector<char> strings_;
  std::vector<uint32_t> places_;  // per row
  std::vector<Slot, AlignedAllocator<Slot>> slots_;
  uint64_t mask_ = 0;
};

}  // namespace recfast
