#include "catalog/snapshot.h"

#include <algorithm>

#include "base/error.h"

namespace recfast {
namespace {

constexpr int64_t kEncodeRows = 16384;  // bounds the memory of building

void copy_row(const Snapshot& from, int64_t from_row, Snapshot& to, int64_t to_row) {
  to.items.copy(to_row, from.items, from_row);
  for (size_t key = 0; key < to.match_keys.size(); ++key) {
    to.match_keys[key][static_cast<size_t>(to_row)] = from.match_keys[key][static_cast<size_t>(from_row)];
  }
}

void resize_rows(Snapshot& snapshot, int64_t size) {
  snapshot.items.resize(size);
  for (auto& keys : snapshot.match_keys) keys.resize(static_cast<size_t>(size));
}

}  // namespace

int64_t Snapshot::size_bytes() const noexcept {
  return items.size_bytes() + static_cast<int64_t>(match_keys.size()) * size() * static_cast<int64_t>(sizeof(uint64_t));
}

Snapshot make_snapshot(const cpu::Executor& executor, const ColumnSet& items, RowFormat format) {
  const Encoder& encoder = executor.encoder();
  Snapshot out;
  out.ids = ItemIds::from_column(items.get(encoder.key(), encoder.key()), encoder.key());
  const int64_t size = out.size();
  out.match_keys.resize(encoder.match_keys().size());
  out.match_key_types.resize(encoder.match_keys().size(), KeyType::kNone);
  out.items = ItemStore(executor, format);
  resize_rows(out, size);
  for (const Encoder::MatchEntry& match : encoder.matches()) {
    const std::string& column = encoder.match_keys()[match.key];
    out.match_key_types[match.key] =
        match_keys(items.get(column, match.feature->name()), match.feature->name(), out.match_keys[match.key].data());
  }
  EncodedArrays arrays = encoder.make_arrays();
  cpu::Workspace work;
  AlignedBuffer<float> block;
  for (int64_t first = 0; first < std::max<int64_t>(size, 1); first += kEncodeRows) {
    const int64_t rows = std::min(kEncodeRows, size - first);
    encoder.encode(items.slice(first, first + rows), {.item = true}, arrays);  // an empty table is checked, too
    if (out.items.in_place()) {
      executor.run_items(arrays, 0, rows, out.items.values() + first * executor.item_width(), work);
    } else {
      block.resize(static_cast<size_t>(rows * executor.item_width()));
      executor.run_items(arrays, 0, rows, block.data(), work);
      out.items.put(first, rows, block.data());
    }
  }
  return out;
}

Snapshot upserted(const Snapshot& old, const Snapshot& changes, const cpu::Executor& executor) {
  if (old.ids.type() != IdType::kNone && changes.ids.type() != IdType::kNone && old.ids.type() != changes.ids.type()) {
    throw TypeError(std::string("the catalogue's ids are ") +
                    (old.ids.type() == IdType::kString ? "strings" : "integers") + "; upsert got the other type");
  }
  Snapshot out;
  out.ids = old.ids;
  out.match_keys = old.match_keys;
  out.match_key_types = old.match_key_types;
  for (size_t key = 0; key < out.match_key_types.size(); ++key) {
    KeyType& type = out.match_key_types[key];
    const KeyType changed = changes.match_key_types[key];
    if (type != KeyType::kNone && changed != KeyType::kNone && type != changed) {
      throw TypeError("upsert: the key column of a Match holds strings in one table and integers in the other");
    }
    if (type == KeyType::kNone) type = changed;
  }
  std::vector<int64_t> rows(static_cast<size_t>(changes.size()));
  for (int64_t i = 0; i < changes.size(); ++i) {
    int64_t row = old.ids.find(changes.ids, i);
    if (row < 0) {
      row = out.ids.size();
      out.ids.append(changes.ids, i);
    }
    rows[static_cast<size_t>(i)] = row;
  }
  out.items = ItemStore(executor, old.items.format());
  resize_rows(out, out.size());
  out.items.copy(0, old.items, 0, old.size());
  for (int64_t i = 0; i < changes.size(); ++i) copy_row(changes, i, out, rows[static_cast<size_t>(i)]);
  return out;
}

Snapshot without(const Snapshot& old, const std::vector<bool>& gone, const cpu::Executor& executor) {
  Snapshot out;
  out.ids = ItemIds::of_type(old.ids.type());
  out.match_keys.resize(old.match_keys.size());
  out.match_key_types = old.match_key_types;
  const auto removed = std::count(gone.begin(), gone.end(), true);
  out.items = ItemStore(executor, old.items.format());
  resize_rows(out, old.size() - removed);
  for (int64_t row = 0; row < old.size(); ++row) {
    if (gone[static_cast<size_t>(row)]) continue;
    copy_row(old, row, out, out.size());
    out.ids.append(old.ids, row);
  }
  return out;
}

}  // namespace recfast
