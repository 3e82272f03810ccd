#include "catalog/item_ids.h"

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "features/feature.h"
#include "hash/hash.h"

namespace recfast {
namespace {

constexpr int64_t kMaxRows = INT32_MAX;
constexpr size_t kFirstSlots = 16;
constexpr size_t kShownBytes = 80;  // of an id in a message

const char* words(IdType type) {
  return type == IdType::kString ? "strings" : "integers";
}

}  // namespace

ItemIds::Key ItemIds::key_at(int64_t row) const noexcept {
  if (type_ == IdType::kString) return {true, 0, string_at(row)};
  return {false, integer_at(row), {}};
}

ItemIds::Key ItemIds::key_of(const Column& ids, int64_t at) noexcept {
  if (ids.is_string()) return {true, 0, ids.string_at(at)};
  return {false, ids.integer_at(at), {}};
}

std::string ItemIds::text(const Column& ids, int64_t at) {
  if (ids.is_null(at)) return "null";
  const Key key = key_of(ids, at);
  if (!key.is_string) {
    return ids.beyond_int64(at) ? std::to_string(static_cast<uint64_t>(key.integer)) : std::to_string(key.integer);
  }
  std::string shown(key.string.substr(0, kShownBytes));
  std::replace(shown.begin(), shown.end(), '\0', ' ');  // a message ends at its first NUL
  return "'" + shown + (key.string.size() > kShownBytes ? "...'" : "'");
}

uint64_t ItemIds::hash_of(const Key& key) noexcept {
  return key.is_string ? hash_bytes(key.string, 0) : hash_int(key.integer, 0);
}

int64_t ItemIds::find(const Key& key, uint64_t hash) const noexcept {
  if (slots_.empty()) return -1;
  for (uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
    if (slots_[at] == 0) return -1;
    const int64_t row = static_cast<int64_t>(slots_[at]) - 1;
    if (key.is_string ? string_at(row) == key.string : integer_at(row) == key.integer) return row;
  }
}

void ItemIds::find_all(const Column& ids, int64_t* rows) const noexcept {
  constexpr int64_t kBlock = 32;
  uint64_t hashes[kBlock];
  for (int64_t first = 0; first < ids.length; first += kBlock) {
    const int64_t count = std::min(kBlock, ids.length - first);
    const auto known = [&](int64_t i) {
      return !slots_.empty() && !ids.is_null(first + i) && !ids.beyond_int64(first + i);
    };
    for (int64_t i = 0; i < count; ++i) {
      if (!known(i)) continue;
      hashes[i] = hash_of(key_of(ids, first + i));
      __builtin_prefetch(&slots_[hashes[i] & mask_]);
    }
    for (int64_t i = 0; i < count; ++i) {
      if (!known(i)) continue;
      const uint32_t slot = slots_[hashes[i] & mask_];
      if (slot == 0) continue;
      __builtin_prefetch(type_ == IdType::kString ? &offsets_[slot - 1] : &ints_[slot - 1]);
    }
    for (int64_t i = 0; i < count; ++i) {
      rows[first + i] = known(i) ? find(key_of(ids, first + i), hashes[i]) : -1;
    }
  }
}

int64_t ItemIds::find(const Column& ids, int64_t at) const noexcept {
  return ids.beyond_int64(at) ? -1 : find_key(key_of(ids, at));
}

int64_t ItemIds::find(const ItemIds& other, int64_t row) const noexcept {
  return other.type_ == type_ ? find_key(other.key_at(row)) : -1;
}

void ItemIds::grow() {
  slots_.assign(std::max(kFirstSlots, slots_.size() * 2), 0);
  mask_ = slots_.size() - 1;
  for (int64_t row = 0; row < size_; ++row) {
    const Key key = key_at(row);
    uint64_t at = hash_of(key) & mask_;
    while (slots_[at] != 0) at = (at + 1) & mask_;
    slots_[at] = static_cast<uint32_t>(row + 1);
  }
}

// False when it is here already.
bool ItemIds::insert(const Key& key) {
  if (find_key(key) >= 0) return false;
  if (size_ >= kMaxRows) throw ValueError("a catalogue holds at most 2**31 - 1 items");
  type_ = key.is_string ? IdType::kString : IdType::kInt;
  if (key.is_string) {
    bytes_.insert(bytes_.end(), key.string.begin(), key.string.end());
    offsets_.push_back(static_cast<int64_t>(bytes_.size()));
  } else {
    ints_.push_back(key.integer);
  }
  ++size_;
  if (static_cast<size_t>(size_) * 2 > slots_.size()) {
    grow();
  } else {
    uint64_t at = hash_of(key) & mask_;
    while (slots_[at] != 0) at = (at + 1) & mask_;
    slots_[at] = static_cast<uint32_t>(size_);
  }
  return true;
}

void ItemIds::append(const ItemIds& other, int64_t row) {
  insert(other.key_at(row));
}

void ItemIds::check_type(const Column& ids, const std::string& what) const {
  if (ids.type == ColumnType::kNull) return;
  if (!ids.is_string() && !ids.is_integer()) {
    throw TypeError(
        what + ": expected " + (type_ == IdType::kNone ? "strings or integers" : words(type_)) + ", got " +
        ids.described +
        (ids.is_float()
             ? "; floats usually come from nulls in a pandas integer column: drop the nulls and use .astype('int64')"
             : ""));
  }
  const IdType got = ids.is_string() ? IdType::kString : IdType::kInt;
  if (type_ != IdType::kNone && got != type_) {
    throw TypeError(what + ": the catalogue's ids are " + words(type_) + ", got " + ids.described);
  }
}

ItemIds ItemIds::from_column(const ChunkedColumn& ids, const std::string& column) {
  ItemIds out;
  const std::string what = "the key column '" + column + "'";
  int64_t first = 0;
  for (const Column& chunk : ids.chunks) {
    out.check_type(values_of(chunk), what);
    if (values_of(chunk).type != ColumnType::kNull)
      out.type_ = values_of(chunk).is_string() ? IdType::kString : IdType::kInt;
    for_each_value(chunk, [&](const Column& values, int64_t at, int64_t row) {
      const auto refuse = [&](const std::string& why) {
        throw ValueError(what + ": row " + std::to_string(first + row) + " " + why);
      };
      if (at < 0 || values.is_null(at)) refuse("is null; every item needs an id");
      if (values.beyond_int64(at)) refuse("holds an id of 2**63 or more; ids are int64");
      if (values.is_string() && !is_utf8(values.string_at(at))) refuse("holds an id that is not UTF-8");
      if (!out.insert(key_of(values, at)))
        refuse("holds the id " + text(values, at) + " for the second time; every id stands for one item");
    });
    first += chunk.length;
  }
  return out;
}

}  // namespace recfast
