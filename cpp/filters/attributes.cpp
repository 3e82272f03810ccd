#include "filters/attributes.h"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "base/error.h"
#include "filters/copy_rows.h"
#include "filters/read_columns.h"

namespace recfast {
namespace {

std::atomic<uint64_t> last_version{0};

AttributeBlocks read_blocks(const AttributeSchema& schema, const ColumnSet& table) {
  AttributeBlocks out;
  out.reserve(static_cast<size_t>(block_count(table.rows())));
  for (int64_t first = 0; first < table.rows(); first += kSlabRows) {
    const int64_t end = std::min(table.rows(), first + kSlabRows);
    const ColumnSet part = end - first == table.rows() ? table : table.slice(first, end);
    BlockBuilder builder(schema, part.rows());
    for (size_t a = 0; a < schema.size(); ++a)
      write_column(part.get(schema[a].name, schema[a].name), schema[a], part.first_row(), builder[a]);
    const AttributeBlocks made = std::move(builder).finish();
    out.insert(out.end(), made.begin(), made.end());
  }
  return out;
}

// Of a table without attributes, blocks know how many rows they have, nothing else.
AttributeBlocks bare_blocks(const AttributeSchema& schema, int64_t rows) {
  const AttributeBlock none({}, nullptr, kBlockRows, 0, 0);
  std::vector<RowPlace> places(static_cast<size_t>(rows), RowPlace{&none, 0});
  return copy_rows(places, schema, schema);
}

// The schema that holds the rows of `table`, too: the same pointer unless a type becomes known.
std::shared_ptr<const AttributeSchema> joined(const std::shared_ptr<const AttributeSchema>& have,
                                              const ColumnSet& table) {
  std::vector<Attribute> attributes;
  bool same = true;
  for (const Attribute& attribute : have->attributes()) {
    if (!table.contains(attribute.name)) {
      throw ValueError("attribute '" + attribute.name + "': the column is missing; the columns given are " +
                       list_names(table.names()));
    }
    const ChunkedColumn& column = table.get(attribute.name, attribute.name);
    const std::optional<Attribute> got = attribute_of(attribute.name, column, have->use());
    if (!got) refuse_attribute(attribute.name, describe(column));
    attributes.push_back(joined(attribute, *got));
    same &= attributes.back().type == attribute.type;
  }
  return same ? have : std::make_shared<const AttributeSchema>(std::move(attributes), have->others(), have->use());
}

RowPlace place_of(std::span<const std::shared_ptr<const AttributeBlock>> blocks, int64_t row) {
  return {blocks[static_cast<size_t>(row / kBlockRows)].get(), row % kBlockRows};
}

struct Change {
  int64_t to;
  int64_t from;  // row of the table
};

// By `to`, ascending. Throws ValueError for rows that come twice or leave a gap behind row `size`.
std::vector<Change> in_order(std::span<const int64_t> rows, int64_t size) {
  std::vector<Change> changes(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) changes[i] = {rows[i], static_cast<int64_t>(i)};
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.to < b.to; });
  int64_t next = size;
  for (size_t i = 0; i < changes.size(); ++i) {
    const int64_t to = changes[i].to;
    if (to < 0) throw ValueError("rows must not be negative, got " + std::to_string(to));
    if (i > 0 && changes[i - 1].to == to) throw ValueError("row " + std::to_string(to) + " comes twice");
    if (to < size) continue;
    if (to != next++)
      throw ValueError("row " + std::to_string(next - 1) + " is missing before row " + std::to_string(to));
  }
  return changes;
}

}  // namespace

Attributes::Attributes(std::shared_ptr<const AttributeSchema> schema, AttributeBlocks blocks, int64_t rows)
    : schema_(std::move(schema)),
      blocks_(std::move(blocks)),
      rows_(rows),
      serial_(last_version.fetch_add(1, std::memory_order_relaxed) + 1) {
  for (const Attribute& attribute : schema_->attributes())
    entries_.push_back(attribute.dictionary ? attribute.dictionary->size() : 0);
}

Attributes Attributes::from_columns(const ColumnSet& table, const std::optional<std::vector<std::string>>& names,
                                    const std::string& key, const std::shared_ptr<MemoryUse>& use) {
  std::vector<Attribute> attributes;
  std::vector<AttributeSchema::Other> others;
  for (const std::string& name : names ? *names : table.names()) {
    if (!names && name == key) continue;
    if (!table.contains(name)) {
      throw ValueError("attribute '" + name + "': there is no such column; the columns given are " +
                       list_names(table.names()));
    }
    for (const Attribute& other : attributes) {
      if (other.name == name) throw ValueError("attribute '" + name + "' comes twice");
    }
    const ChunkedColumn& column = table.get(name, name);
    if (std::optional<Attribute> attribute = attribute_of(name, column, use)) {
      attributes.push_back(*std::move(attribute));
    } else if (names) {
      refuse_attribute(name, describe(column));
    } else {
      others.push_back({name, describe(column)});
    }
  }
  auto schema = std::make_shared<const AttributeSchema>(std::move(attributes), std::move(others), use);
  AttributeBlocks blocks = read_blocks(*schema, table);
  Attributes out(std::move(schema), std::move(blocks), table.rows());
  out.first_entries_ = out.entries_;
  out.slabs_.add(out.blocks_);
  return out;
}

Attributes Attributes::with_rows(std::span<const int64_t> rows, const ColumnSet& table) const {
  if (schema_->size() > 0 && table.rows() != static_cast<int64_t>(rows.size())) {
    throw ValueError("the table has " + std::to_string(table.rows()) + " rows, for " + std::to_string(rows.size()) +
                     " places");
  }
  const std::vector<Change> changes = in_order(rows, rows_);
  std::shared_ptr<const AttributeSchema> schema = joined(schema_, table);
  AttributeBlocks blocks = blocks_;
  int64_t size = rows_;
  if (!changes.empty()) size = std::max(size, changes.back().to + 1);
  const AttributeBlocks fresh =
      schema->size() > 0 ? read_blocks(*schema, table) : bare_blocks(*schema, static_cast<int64_t>(rows.size()));
  SlabUse slabs = slabs_;
  std::vector<RowPlace> places;
  for (size_t next = 0; next < changes.size();) {
    const int64_t block = changes[next].to / kBlockRows;
    const int64_t first = block * kBlockRows;
    // A block that is there is copied alone, so that its memory lives as long as it does; new ones come together.
    const bool exists = block < block_count(rows_);
    const int64_t end = exists ? std::min(first + kBlockRows, size) : size;
    places.clear();
    for (int64_t row = first; row < std::min(end, rows_); ++row) places.push_back(place_of(blocks_, row));
    places.resize(static_cast<size_t>(end - first));
    for (; next < changes.size() && changes[next].to < end; ++next)
      places[static_cast<size_t>(changes[next].to - first)] = place_of(fresh, changes[next].from);
    AttributeBlocks made = copy_rows(places, *schema, *schema);
    if (exists) {
      slabs.drop(*blocks[static_cast<size_t>(block)]);
      blocks[static_cast<size_t>(block)] = std::move(made.front());
    } else {
      slabs.add(made);
      blocks.insert(blocks.end(), made.begin(), made.end());
    }
  }
  Attributes out(std::move(schema), std::move(blocks), size);
  out.first_entries_ = first_entries_;
  out.slabs_ = std::move(slabs);
  if (!out.has_old_strings()) {
    out.leave_wasteful_slabs();
    return out;
  }
  std::vector<int64_t> all(static_cast<size_t>(size));
  std::iota(all.begin(), all.end(), 0);
  return out.selected(all);
}

void Attributes::leave_wasteful_slabs() {
  while (const void* slab = slabs_.wasteful()) {
    std::vector<size_t> at;
    AttributeBlocks left;
    for (size_t b = 0; b < blocks_.size(); ++b) {
      if (blocks_[b]->slab() != slab) continue;
      at.push_back(b);
      left.push_back(blocks_[b]);
    }
    AttributeBlocks made = copy_blocks(left, *schema_);
    slabs_.forget(slab);
    slabs_.add(made);
    for (size_t i = 0; i < at.size(); ++i) blocks_[at[i]] = std::move(made[i]);
  }
}

bool Attributes::has_old_strings() const noexcept {
  constexpr int64_t kLeast = 65536;
  for (size_t a = 0; a < entries_.size(); ++a) {
    if (entries_[a] - first_entries_[a] > std::max(rows_, kLeast)) return true;
  }
  return false;
}

Attributes Attributes::selected(std::span<const int64_t> rows) const {
  std::vector<Attribute> attributes = schema_->attributes();
  for (Attribute& attribute : attributes) {
    if (attribute.dictionary) attribute.dictionary = std::make_shared<Dictionary>(schema_->use());
  }
  auto schema = std::make_shared<const AttributeSchema>(std::move(attributes), schema_->others(), schema_->use());
  std::vector<RowPlace> places;
  places.reserve(rows.size());
  for (const int64_t row : rows) {
    if (row < 0 || row >= rows_)
      throw ValueError("row " + std::to_string(row) + " is not there; there are " + std::to_string(rows_));
    places.push_back(place_of(blocks_, row));
  }
  AttributeBlocks blocks = copy_rows(places, *schema_, *schema);
  Attributes out(std::move(schema), std::move(blocks), static_cast<int64_t>(rows.size()));
  out.first_entries_ = out.entries_;
  out.slabs_.add(out.blocks_);
  return out;
}

int64_t Attributes::size_bytes() const noexcept {
  int64_t bytes = 0;
  for (const Attribute& attribute : schema_->attributes()) {
    if (attribute.dictionary) bytes += attribute.dictionary->size_bytes();
  }
  for (const auto& block : blocks_) bytes += block->size_bytes();
  return bytes;
}

}  // namespace recfast
