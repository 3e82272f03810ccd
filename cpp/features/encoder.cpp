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

Encoder::Encoder(std::vector<Entry> entries, std::string key) : key_(std::move(key)) {
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
    if (match != nullptr) {
      matches_.push_back({match, first, place(match_keys_, match->key())});
      place(request_columns_, match->map());
    } else if (entry.side == Side::kRequest) {
      place(request_columns_, feature.name());
    } else if (entry.side == Side::kPair) {
      place(pair_columns_, feature.name());
    }
    features_.push_back({std::move(entry), first, match != nullptr});
  }
}

int64_t Encoder::find(const std::string& array) const {
  const auto found = by_name_.find(array);
  return found == by_name_.end() ? -1 : found->second;
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

}  // namespace recfast
