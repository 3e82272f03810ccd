#pragma once
// Attributes: one version of what filters know about the items, in blocks. Immutable: a change makes another version,
// which shares the blocks that it did not touch.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "features/column_set.h"
#include "filters/block_builder.h"
#include "filters/slab_use.h"

namespace recfast {

class Attributes {
 public:
  // Of the columns that are named, or of all those that can be attributes but the one named `key`. Throws ValueError
  // for a name that is missing or comes twice, TypeError for a named column that cannot be one. use: what this version
  // and those that come from it are counted in.
  static Attributes from_columns(const ColumnSet& table, const std::optional<std::vector<std::string>>& names,
                                 const std::string& key = {}, const std::shared_ptr<MemoryUse>& use = nullptr);

  // Row i of the table at rows[i]: in place of the row that is there, or behind the last one, where every row up to the
  // highest must be given. Writers take turns, as the dictionaries grow. Throws ValueError for a missing column, for
  // rows that come twice or leave a gap, and for values that the attribute's type cannot hold; TypeError for another
  // type. Once as many strings have come as there are rows, those that no row holds any more are left out: the rows are
  // copied. Memory that few blocks of this version keep alive is left behind: these are copied.
  Attributes with_rows(std::span<const int64_t> rows, const ColumnSet& table) const;
  // The given rows in the given order, in new blocks, with dictionaries of the strings that are left.
  Attributes selected(std::span<const int64_t> rows) const;

  int64_t rows() const noexcept { return rows_; }
  const AttributeSchema& schema() const noexcept { return *schema_; }
  // The same pointer while no type becomes known and nothing is selected.
  const std::shared_ptr<const AttributeSchema>& shared_schema() const noexcept { return schema_; }
  std::span<const std::shared_ptr<const AttributeBlock>> blocks() const noexcept { return blocks_; }
  // Grows from version to version; no other version in this process has or had it.
  uint64_t serial() const noexcept { return serial_; }
  // How many strings the dictionary of an attribute had when this version was made.
  int64_t entries(size_t attribute) const noexcept { return entries_[attribute]; }
  // Of the blocks and dictionaries, which versions share.
  int64_t size_bytes() const noexcept;

 private:
  Attributes(std::shared_ptr<const AttributeSchema> schema, AttributeBlocks blocks, int64_t rows);
  bool has_old_strings() const noexcept;
  void leave_wasteful_slabs();

  std::shared_ptr<const AttributeSchema> schema_;
  AttributeBlocks blocks_;
  int64_t rows_;
  uint64_t serial_;
  std::vector<int64_t> entries_;
  std::vector<int64_t> first_entries_;  // of the version whose rows were written together
  SlabUse slabs_;
};

}  // namespace recfast
