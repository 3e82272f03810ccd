#pragma once
// All features of a schema: raw columns in, one encoded array per spec out. Training and ranking use this same code.

#include <array>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "features/feature.h"
#include "features/match.h"

namespace recfast {

using EncodedArrays = std::vector<EncodedArray>;  // one per spec of the encoder, in its order

class Encoder {
 public:
  struct Entry {
    Side side;
    std::unique_ptr<Feature> feature;
  };
  // fingerprint: equal for equal schemas only.
  Encoder(std::vector<Entry> entries, std::string key, uint64_t fingerprint);

  const std::vector<EncodedSpec>& specs() const noexcept { return specs_; }
  // Index into specs(), or -1.
  int64_t find(const std::string& array) const;
  // The feature that gives the array specs()[array].
  const Feature* feature_of(size_t array) const;
  const std::string& key() const noexcept { return key_; }
  uint64_t fingerprint() const noexcept { return fingerprint_; }

  // Arrays of every spec, empty, of the right kinds.
  EncodedArrays make_arrays() const;
  // Encodes the features of the given sides; the arrays of others stay as they are.
  struct Sides {
    bool request = false;
    bool item = false;
    bool pair = false;   // pair features that are columns
    bool match = false;  // Match features, from maps and keys given per row
    static Sides all() { return {true, true, true, true}; }
  };
  void encode(const ColumnSet& columns, Sides sides, EncodedArrays& out) const;
  // The features of the request side, one row. Throws ValueError or TypeError naming the feature.
  void encode(const Request& request, EncodedArrays& out) const;

  // The Match features, each with the place of its (first) array, and the place of its key among match_keys().
  struct MatchEntry {
    const MatchFeature* feature;
    size_t array;
    size_t key;
    size_t map;  // among request_columns()
  };
  const std::vector<MatchEntry>& matches() const noexcept { return matches_; }
  const std::vector<std::string>& match_keys() const noexcept { return match_keys_; }

  // Raw columns by side: what a request, an item table and a pair table must have.
  const std::vector<std::string>& request_columns() const noexcept { return request_columns_; }
  int64_t find_request_column(const std::string& name) const noexcept;  // place, or -1
  // The first feature that reads the column: for messages.
  const std::string& request_column_reader(size_t column) const noexcept { return request_readers_[column]; }
  // Whether every feature that reads the column takes a plain value of this kind.
  bool takes(size_t column, RawValue::Kind kind) const noexcept;
  const std::vector<std::string>& pair_columns() const noexcept { return pair_columns_; }

 private:
  struct Placed {
    Entry entry;
    size_t first;
    bool is_match;
    size_t request_column;  // request side and Match: among request_columns()
  };
  std::vector<Placed> features_;
  std::vector<EncodedSpec> specs_;
  std::unordered_map<std::string, int64_t> by_name_;
  std::vector<MatchEntry> matches_;
  std::vector<std::string> match_keys_;
  std::vector<std::string> request_columns_;
  std::vector<std::string> request_readers_;
  std::vector<std::string> pair_columns_;
  std::string key_;
  uint64_t fingerprint_;
};

}  // namespace recfast
