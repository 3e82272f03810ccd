#pragma once
// The ids of a catalogue, all int64 or all strings, and a flat hash table from id to row.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "features/column.h"

namespace recfast {

enum class IdType : uint8_t { kNone, kInt, kString };  // kNone: no id yet

class ItemIds {
 public:
  // The ids of a key column. Throws TypeError for other types, ValueError for nulls, integers outside of int64, strings
  // that are not UTF-8 and ids that stand there twice; `column` is its name.
  static ItemIds from_column(const ChunkedColumn& ids, const std::string& column);

  IdType type() const noexcept { return type_; }
  int64_t size() const noexcept { return size_; }
  int64_t integer_at(int64_t row) const noexcept { return ints_[static_cast<size_t>(row)]; }
  std::string_view string_at(int64_t row) const noexcept {
    const auto i = static_cast<size_t>(row);
    return {bytes_.data() + offsets_[i], static_cast<size_t>(offsets_[i + 1] - offsets_[i])};
  }

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
  // Appends the id of another list, which must not be here yet.
  void append(const ItemIds& other, int64_t row);
  // For messages.
  static std::string text(const Column& ids, int64_t at);

 private:
  struct Key {
    bool is_string;
    int64_t integer;
    std::string_view string;
  };
  Key key_at(int64_t row) const noexcept;
  static Key key_of(const Column& ids, int64_t at) noexcept;
  static uint64_t hash_of(const Key& key) noexcept;
  int64_t find(const Key& key, uint64_t hash) const noexcept;
  int64_t find_key(const Key& key) const noexcept { return find(key, hash_of(key)); }
  bool insert(const Key& key);
  void grow();

  IdType type_ = IdType::kNone;
  int64_t size_ = 0;
  std::vector<int64_t> ints_;
  std::vector<char> bytes_;
  std::vector<int64_t> offsets_{0};
  std::vector<uint32_t> slots_;  // row + 1, or 0
  uint64_t mask_ = 0;
};

}  // namespace recfast
