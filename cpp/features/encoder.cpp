#include "features/encoder.h"

#include <algorithm>

#include "base/error.h"

namespace recfast {
namespace {

size_t place(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  names.push_back(name);
  return names.size() - 1;
}

}  // namespace

Encoder::Encoder(std::vector<Entry> entries, std::string key, uint64_t fingerprint)
    : key_(std::move(key)), fingerprint_(fingerprint) {
  for (Entry& entry : entries) {
    const Feature& feature = *entry.feature;
    const auto* match = dynamic_cast<const MatchFeature*>(&feature);
    const size_t first = specs_.size();
    for (const EncodedSpec& spec : feature.arrays()) {
      if (!by_name_.emplace(spec.name, static_cast<int64_t>(specs_.size())).second) {
        throw ValueError("the name '" + spec.name + "' is used twice");
      }
      specs_.push_back(spec);
    }
    size_t column = 0;
    if (match != nullptr || entry.side == Side::kRequest) {
      column = place(request_columns_, match != nullptr ? match->map() : feature.name());
      if (column == request_readers_.size()) request_readers_.push_back(feature.name());
    } else if (entry.side == Side::kPair) {
      place(pair_columns_, feature.name());
    }
    if (match != nullptr) matches_.push_back({match, first, place(match_keys_, match->key()), column});
    features_.push_back({std::move(entry), first, match != nullptr, column});
  }
}

int64_t Encoder::find(const std::string& array) const {
  const auto found = by_name_.find(array);
  return found == by_name_.end() ? -1 : found->second;
}

int64_t Encoder::find_request_column(const std::string& name) const noexcept {
  const auto found = std::find(request_columns_.begin(), request_columns_.end(), name);
  return found == request_columns_.end() ? -1 : found - request_columns_.begin();
}

bool Encoder::takes(size_t column, RawValue::Kind kind) const noexcept {
  return std::all_of(features_.begin(), features_.end(), [&](const Placed& placed) {
    const bool reads = placed.is_match || placed.entry.side == Side::kRequest;
    return !reads || placed.request_column != column || placed.entry.feature->takes(kind);
  });
}

const Feature* Encoder::feature_of(size_t array) const {
  const Feature* found = nullptr;
  for (const Placed& placed : features_) {
    if (placed.first <= array) found = placed.entry.feature.get();
  }
  return found;
}

EncodedArrays Encoder::make_arrays() const {
  EncodedArrays arrays(specs_.size());
  for (size_t i = 0; i < specs_.size(); ++i) {
    arrays[i].kind = specs_[i].kind;
    arrays[i].width = specs_[i].width;
  }
  return arrays;
}

void Encoder::encode(const ColumnSet& columns, Sides sides, EncodedArrays& out) const {
  for (const Placed& placed : features_) {
    const bool wanted = placed.is_match                       ? sides.match
                        : placed.entry.side == Side::kRequest ? sides.request
                        : placed.entry.side == Side::kItem    ? sides.item
                                                              : sides.pair;
    if (!wanted) continue;
    const Feature& feature = *placed.entry.feature;
    feature.encode(columns, std::span(out).subspan(placed.first, feature.arrays().size()));
  }
}

void Encoder::encode(const Request& request, EncodedArrays& out) const {
  for (const Placed& placed : features_) {
    if (placed.is_match || placed.entry.side != Side::kRequest) continue;
    const Feature& feature = *placed.entry.feature;
    const RawValue& value = request[placed.request_column];
    const std::span<EncodedArray> arrays(&out[placed.first], feature.arrays().size());
    if (value.kind == RawValue::Kind::kColumn) {
      ColumnSet columns;
      columns.add(feature.name(), value.column);
      feature.encode(columns, arrays);
    } else {
      feature.encode_value(value, arrays);
    }
  }
}

}  // namespace recfast
