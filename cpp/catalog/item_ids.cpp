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
constexpr size_t kMaxString = size_t{1} << 30;
constexpr size_t kShownBytes = 80;      // of an id in a message
constexpr size_t kMessageBytes = 2000;  // of the ids that a message names

void check_size(int64_t items, const std::string& what) {
  if (items <= kMaxRows) return;
  throw ValueError(what + ": at most 2**31 - 1 items have room together, got " + std::to_string(items));
}

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

const ItemIds::Slot* ItemIds::slot_of(const Key& key, uint64_t hash) const noexcept {
  if (slots_.empty()) return nullptr;
  const uint64_t wanted = key.is_string ? hash : static_cast<uint64_t>(key.integer);
  for (uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
    const Slot& slot = slots_[at];
    if (slot.row == 0) return nullptr;
    if (slot.key == wanted && (!key.is_string || string_in(slot.place) == key.string)) return &slot;
  }
}

template <class Read>
void ItemIds::find_block(int64_t count, const Read& read, int64_t* rows) const noexcept {
  constexpr int64_t kBlock = 32;
  uint64_t hashes[kBlock];
  for (int64_t first = 0; first < count; first += kBlock) {
    const int64_t size = std::min(kBlock, count - first);
    for (int64_t i = 0; i < size; ++i) {
      hashes[i] = hash_of(read(first + i));
      __builtin_prefetch(&slots_[hashes[i] & mask_]);
    }
    if (type_ == IdType::kString) {
      for (int64_t i = 0; i < size; ++i) {
        __builtin_prefetch(strings_.data() + size_t{slots_[hashes[i] & mask_].place} * kUnit);
      }
    }
    for (int64_t i = 0; i < size; ++i) rows[first + i] = find(read(first + i), hashes[i]);
  }
}

void ItemIds::find_all(const Column& ids, int64_t* rows) const noexcept {
  if (slots_.empty() || ids.type == ColumnType::kNull) {
    std::fill_n(rows, ids.length, int64_t{-1});
  } else if (ids.type == ColumnType::kInt64 && ids.validity == nullptr) {
    const int64_t* values = static_cast<const int64_t*>(ids.data) + ids.offset;
    find_block(ids.length, [=](int64_t i) { return Key{false, values[i], {}}; }, rows);
  } else if (ids.type == ColumnType::kStringRefs && ids.validity == nullptr) {
    const std::string_view* values = static_cast<const std::string_view*>(ids.data) + ids.offset;
    find_block(ids.length, [=](int64_t i) { return Key{true, 0, values[i]}; }, rows);
  } else {
    find_block(
        ids.length, [&](int64_t i) { return ids.is_null(i) ? Key{ids.is_string(), 0, {}} : key_of(ids, i); }, rows);
    for (int64_t i = 0; i < ids.length; ++i) {
      if (ids.is_null(i) || ids.beyond_int64(i)) rows[i] = -1;
    }
  }
}

int64_t ItemIds::find(const Column& ids, int64_t at) const noexcept {
  return ids.beyond_int64(at) ? -1 : find_key(key_of(ids, at));
}

int64_t ItemIds::find(const ItemIds& other, int64_t row) const noexcept {
  return other.type_ == type_ ? find_key(other.key_at(row)) : -1;
}

void ItemIds::put(const Slot& slot, uint64_t hash) noexcept {
  uint64_t at = hash & mask_;
  while (slots_[at].row != 0) at = (at + 1) & mask_;
  slots_[at] = slot;
}

void ItemIds::grow() {
  const auto old = std::move(slots_);
  slots_.assign(std::max(kFirstSlots, old.size() * 2), Slot{});
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.row == 0) continue;
    put(slot, type_ == IdType::kString ? slot.key : hash_int(static_cast<int64_t>(slot.key), 0));
  }
}

// A new row of an id; its slot is still to be put or changed.
ItemIds::Slot ItemIds::add_row(const Key& key, uint64_t hash) {
  check_size(int64_t{size_} + 1, "ids");
  type_ = key.is_string ? IdType::kString : IdType::kInt;
  ++size_;
  Slot slot{.key = key.is_string ? hash : static_cast<uint64_t>(key.integer), .row = static_cast<uint32_t>(size_)};
  if (!key.is_string) {
    ints_.push_back(key.integer);
    return slot;
  }
  if (key.string.size() > kMaxString || strings_.size() / kUnit > UINT32_MAX) {
    throw ValueError("the ids of a catalogue take at most 16 GiB together, and 1 GiB each");
  }
  slot.place = static_cast<uint32_t>(strings_.size() / kUnit);
  places_.push_back(slot.place);
  const auto length = static_cast<uint32_t>(key.string.size());
  const auto* bytes = reinterpret_cast<const char*>(&length);
  strings_.insert(strings_.end(), bytes, bytes + sizeof length);
  strings_.insert(strings_.end(), key.string.begin(), key.string.end());
  strings_.resize((strings_.size() + kUnit - 1) / kUnit * kUnit);
  return slot;
}

// False when it is here already.
bool ItemIds::insert(const Key& key) {
  const uint64_t hash = hash_of(key);
  if (find(key, hash) >= 0) return false;
  const Slot slot = add_row(key, hash);
  if (static_cast<size_t>(size_) * 2 > slots_.size()) grow();
  put(slot, hash);
  return true;
}

void ItemIds::append(const ItemIds& other, int64_t row) {
  const Key key = other.key_at(row);
  const uint64_t hash = hash_of(key);
  if (const Slot* found = slot_of(key, hash)) {
    slots_[static_cast<size_t>(found - slots_.data())] = add_row(key, hash);
    return;
  }
  const Slot slot = add_row(key, hash);
  if (static_cast<size_t>(size_) * 2 > slots_.size()) grow();
  put(slot, hash);
}

void ItemIds::append(const ItemIds& other) {
  ints_.reserve(ints_.size() + other.ints_.size());
  places_.reserve(places_.size() + other.places_.size());
  strings_.reserve(strings_.size() + other.strings_.size());
  for (int64_t row = 0; row < other.size(); ++row) append(other, row);
}

int64_t ItemIds::size_bytes() const noexcept {
  return static_cast<int64_t>(ints_.capacity() * sizeof(int64_t) + places_.capacity() * sizeof(uint32_t) +
                              strings_.capacity() + slots_.capacity() * sizeof(Slot));
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
  std::string twice;  // the rows that hold an id again
  int64_t unnamed = 0;
  int64_t first = 0;
  check_size(ids.length, what);
  for (const Column& chunk : ids.chunks) {
    out.check_type(values_of(chunk), what);
    if (values_of(chunk).type != ColumnType::kNull)
      out.type_ = values_of(chunk).is_string() ? IdType::kString : IdType::kInt;
    for_each_value(chunk, [&](const Column& values, int64_t at, int64_t row) {
      const auto place = [&] { return "row " + std::to_string(first + row) + " "; };
      const auto refuse = [&](const char* why) { throw ValueError(what + ": " + place() + why); };
      if (at < 0 || values.is_null(at)) refuse("is null; every item needs an id");
      if (values.beyond_int64(at)) refuse("holds an id of 2**63 or more; ids are int64");
      if (values.is_string() && !is_utf8(values.string_at(at))) refuse("holds an id that is not UTF-8");
      if (out.insert(key_of(values, at))) return;
      if (twice.empty()) {
        twice = place() + "holds the id " + text(values, at) + " for the second time";
      } else if (twice.size() < kMessageBytes) {
        twice += ", " + place() + "the id " + text(values, at);
      } else {
        ++unnamed;
      }
    });
    first += chunk.length;
  }
  if (unnamed > 0) twice += " and " + std::to_string(unnamed) + " more rows an id that stands before them";
  if (!twice.empty()) throw ValueError(what + ": " + twice + "; every id stands for one item");
  return out;
}

}  // namespace recfast
