#include "catalog/item_writer.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "catalog/fingerprint.h"

namespace recfast {
namespace {

constexpr int64_t kEncodeRows = 16384;  // bounds the memory of building
constexpr int64_t kInPlaceRows = 32;    // fewer rows beside each other are computed together with others

void check_key_types(const std::vector<KeyType>& got, std::vector<KeyType>& types) {
  for (size_t key = 0; key < types.size(); ++key) {
    if (types[key] != KeyType::kNone && got[key] != KeyType::kNone && types[key] != got[key]) {
      throw TypeError("the key column of a Match holds strings in one table and integers in the other");
    }
    if (types[key] == KeyType::kNone) types[key] = got[key];
  }
}

BlockPool pool_for(const ItemPlan& plan, const Snapshot* shared, int64_t rows) {
  if (shared != nullptr) return shared->pool;
  return {block_count(rows), plan.layout.slot_bytes(), plan.use};
}

uint64_t& word_at(uint8_t* block, int64_t at) {
  return *reinterpret_cast<uint64_t*>(block + at);
}

}  // namespace

// Rows [first, first + rows) of the table, and which of them have no item side yet.
struct ItemWriter::Chunk {
  std::vector<std::vector<uint64_t>> keys;  // of the whole table, per key column
  int64_t first = 0;
  int64_t rows = 0;
  EncodedArrays arrays;
  std::vector<uint64_t> fingerprints;
  std::vector<int64_t> stale;     // rows of the chunk
  std::vector<uint8_t*> targets;  // where their item sides go
  EncodedArrays gathered;
  AlignedBuffer<float> sides;
  cpu::Workspace work;
};

ItemWriter::ItemWriter(const ItemPlan& plan, const Snapshot* old, bool same_rows, int64_t new_rows)
    : plan_(plan),
      old_(old),
      same_rows_(same_rows),
      blocks_(plan.layout, pool_for(plan, same_rows ? old : nullptr, new_rows), same_rows ? old : nullptr),
      key_types_(old != nullptr ? old->match_key_types
                                : std::vector<KeyType>(plan.executor->encoder().match_keys().size(), KeyType::kNone)) {}

void ItemWriter::write(const ColumnSet& items, const RowMoves& moves) {
  const Encoder& encoder = plan_.executor->encoder();
  const int64_t size = items.rows();
  Chunk chunk{.keys = {},
              .arrays = encoder.make_arrays(),
              .fingerprints = {},
              .stale = {},
              .targets = {},
              .gathered = {},
              .sides = {},
              .work = {}};
  chunk.keys.resize(key_types_.size());
  std::vector<KeyType> types(key_types_.size(), KeyType::kNone);
  for (const Encoder::MatchEntry& match : encoder.matches()) {
    const std::string& column = encoder.match_keys()[match.key];
    chunk.keys[match.key].resize(static_cast<size_t>(size));
    types[match.key] =
        match_keys(items.get(column, match.feature->name()), match.feature->name(), chunk.keys[match.key].data());
  }
  check_key_types(types, key_types_);
  const bool stored = plan_.layout.row_bytes > 0;
  const int64_t most = stored ? kEncodeRows : std::max<int64_t>(size, 1);
  for (int64_t first = 0; first < std::max<int64_t>(size, 1); first += most) {
    chunk.first = first;
    chunk.rows = std::min(most, size - first);
    const ColumnSet part = size <= most ? ColumnSet() : items.slice(first, first + chunk.rows);
    encoder.encode(size <= most ? items : part, {.item = true}, chunk.arrays);  // also checks empty tables
    if (plan_.layout.bytes_per_row() > 0) write_chunk(chunk, moves);
    if (stored) compute(chunk);
  }
  if (!stored) encoded_ = std::make_shared<const EncodedArrays>(std::move(chunk.arrays));
}

void ItemWriter::write_chunk(Chunk& chunk, const RowMoves& moves) {
  const BlockLayout& layout = plan_.layout;
  chunk.fingerprints.resize(static_cast<size_t>(chunk.rows));
  if (layout.fingerprints) {
    row_fingerprints(plan_.executor->encoder(), chunk.arrays, chunk.rows, plan_.model, chunk.fingerprints.data());
  }
  chunk.stale.clear();
  chunk.targets.clear();
  for (int64_t i = 0; i < chunk.rows; ++i) {
    const auto in_table = static_cast<size_t>(chunk.first + i);
    const uint64_t fingerprint = chunk.fingerprints[static_cast<size_t>(i)];
    const int64_t to = moves.to[in_table];
    const int64_t from = moves.from.empty() ? -1 : moves.from[in_table];
    const bool same_side = from >= 0 && old_->fingerprint(from) == fingerprint;
    const auto same_key = [&](size_t key) { return *old_->match_key(key, from) == chunk.keys[key][in_table]; };
    if (same_side && same_rows_) {
      bool same = true;
      for (size_t key = 0; key < chunk.keys.size(); ++key) same = same && same_key(key);
      if (same) continue;  // its block stays as it is
    }
    uint8_t* block = blocks_.block(to / kBlockRows);
    const int64_t row = to % kBlockRows;
    for (size_t key = 0; key < chunk.keys.size(); ++key) {
      word_at(block, layout.key_at(static_cast<int64_t>(key), row)) = chunk.keys[key][in_table];
    }
    if (layout.fingerprints) word_at(block, layout.fingerprint_at(row)) = fingerprint;
    if (!same_side) {
      chunk.stale.push_back(i);
      chunk.targets.push_back(block + layout.item_at(row));
    } else if (!same_rows_) {
      std::memcpy(block + layout.item_at(row), old_->item(from), static_cast<size_t>(layout.row_bytes));
    }
  }
}

void ItemWriter::compute(Chunk& chunk) {
  const auto count = static_cast<int64_t>(chunk.stale.size());
  const EncodedArrays* arrays = &chunk.arrays;
  if (count < chunk.rows) {
    if (chunk.gathered.empty()) chunk.gathered = plan_.executor->encoder().make_arrays();
    for (size_t i = 0; i < chunk.arrays.size(); ++i) {
      if (plan_.executor->encoder().specs()[i].side == Side::kItem)
        gather_rows(chunk.arrays[i], chunk.stale, chunk.gathered[i]);
    }
    arrays = &chunk.gathered;
  }
  const int64_t row_bytes = plan_.layout.row_bytes;
  const int64_t width = plan_.executor->item_width();
  for (int64_t done = 0; done < count;) {
    uint8_t* const* targets = chunk.targets.data() + done;
    int64_t beside = 1;
    while (beside < count - done && targets[beside] == targets[0] + beside * row_bytes) ++beside;
    if (plan_.format.in_place() && (beside == count - done || beside >= kInPlaceRows)) {
      plan_.executor->run_items(*arrays, done, beside, reinterpret_cast<float*>(targets[0]), chunk.work);
      done += beside;
      continue;
    }
    const int64_t rows = std::min(kBlockRows, count - done);
    chunk.sides.resize(static_cast<size_t>(kBlockRows * width));
    plan_.executor->run_items(*arrays, done, rows, chunk.sides.data(), chunk.work);
    for (int64_t r = 0; r < rows; ++r) {
      plan_.format.put(chunk.sides.data() + r * width, chunk.first + chunk.stale[static_cast<size_t>(done + r)],
                       targets[r]);
    }
    done += rows;
  }
}

void ItemWriter::copy_living() {
  const BlockLayout& layout = plan_.layout;
  int64_t to = 0;
  old_->for_each_living([&](int64_t from) {
    uint8_t* block = blocks_.block(to / kBlockRows);
    const int64_t row = to % kBlockRows;
    std::memcpy(block + layout.item_at(row), old_->item(from), static_cast<size_t>(layout.row_bytes));
    for (int64_t key = 0; key < layout.keys; ++key) {
      word_at(block, layout.key_at(key, row)) = *old_->match_key(static_cast<size_t>(key), from);
    }
    word_at(block, layout.fingerprint_at(row)) = old_->fingerprint(from);
    ++to;
  });
}

std::shared_ptr<Snapshot> ItemWriter::finish(VersionIds ids, int64_t living) {
  auto next = std::make_shared<Snapshot>();
  next->model = plan_.model;
  next->format = plan_.format;
  next->match_key_types = key_types_;
  next->living = living;
  next->encoded = std::move(encoded_);
  blocks_.finish(ids.rows(), *next);
  next->ids = std::move(ids);
  next->vector_plan = plan_.vectors;
  if (plan_.vectors != nullptr)
    next->vectors = make_item_vectors(*plan_.vectors, *next, same_rows_ ? old_ : nullptr, plan_.use);
  return next;
}

}  // namespace recfast
