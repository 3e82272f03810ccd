#include "filters/copy_rows.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace recfast {
namespace {

// Codes of one dictionary -> codes of another; the same ones where it is the same.
class Recoded {
 public:
  Recoded(const Dictionary& from, Dictionary& to) : from_(from), to_(to) {
    if (&from != &to) codes_.resize(static_cast<size_t>(from.size()), kNone);
  }
  uint32_t operator()(uint32_t code) {
    if (codes_.empty()) return code;
    if (codes_[code] == kNone) codes_[code] = to_.insert(from_.at(code));
    return codes_[code];
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  const Dictionary& from_;
  Dictionary& to_;
  std::vector<uint32_t> codes_;
};

// change(value): the value in the new block.
template <class T, class Change>
void copy_values(std::span<const RowPlace> rows, size_t attribute, CellWriter& out, Change&& change) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto [block, row] = rows[i];
    if (!block->is_null(attribute, row))
      out.set(static_cast<int64_t>(i), change(block->cells(attribute).template as<T>()[row]));
  }
}

template <class T, class Change>
void copy_lists(std::span<const RowPlace> rows, size_t attribute, CellWriter& out, Change&& change) {
  int64_t elements = 0;
  for (const auto& [block, row] : rows) {
    const uint32_t* offsets = block->cells(attribute).offsets;
    if (offsets != nullptr) elements += offsets[row + 1] - offsets[row];
  }
  out.reserve_elements(elements);
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto [block, row] = rows[i];
    if (block->is_null(attribute, row)) continue;
    const AttributeCells& cells = block->cells(attribute);
    for (uint32_t e = cells.offsets[row]; e < cells.offsets[row + 1]; ++e)
      out.add_element(change(cells.template as<T>()[e]));
    out.end_list(static_cast<int64_t>(i));
  }
}

// serials: as for BlockBuilder::finish.
AttributeBlocks copied(std::span<const RowPlace> rows, const AttributeSchema& from, const AttributeSchema& to,
                       std::span<const uint64_t> serials) {
  std::vector<std::optional<Recoded>> codes(to.size());
  for (size_t a = 0; a < to.size(); ++a) {
    if (to[a].dictionary) codes[a].emplace(*from[a].dictionary, *to[a].dictionary);
  }
  AttributeBlocks out;
  out.reserve(static_cast<size_t>(block_count(static_cast<int64_t>(rows.size()))));
  for (size_t first = 0; first < rows.size(); first += static_cast<size_t>(kSlabRows)) {
    const std::span<const RowPlace> part = rows.subspan(first, std::min(rows.size() - first, size_t{kSlabRows}));
    BlockBuilder builder(to, static_cast<int64_t>(part.size()));
    for (size_t a = 0; a < to.size(); ++a) {
      const auto same = [](auto value) { return value; };
      const auto recode = [&](uint32_t code) { return (*codes[a])(code); };
      switch (to[a].type) {
        case AttributeType::kUnknown:
          break;
        case AttributeType::kBool:
          for (size_t i = 0; i < part.size(); ++i) {
            const auto [block, row] = part[i];
            if (block->is_null(a, row)) continue;
            builder[a].set_bool(static_cast<int64_t>(i), block->cells(a).as<uint64_t>()[row / 64] >> (row % 64) & 1);
          }
          break;
        case AttributeType::kString:
          copy_values<uint32_t>(part, a, builder[a], recode);
          break;
        case AttributeType::kStringList:
          copy_lists<uint32_t>(part, a, builder[a], recode);
          break;
        case AttributeType::kUnknownList:
        case AttributeType::kIntList:
        case AttributeType::kUintList:
          copy_lists<int64_t>(part, a, builder[a], same);
          break;
        default:  // 8 bytes, whatever they mean
          copy_values<int64_t>(part, a, builder[a], same);
          break;
      }
    }
    const size_t block = first / static_cast<size_t>(kBlockRows);
    AttributeBlocks made = std::move(builder).finish(serials.empty() ? serials : serials.subspan(block));
    out.insert(out.end(), made.begin(), made.end());
  }
  return out;
}

}  // namespace

AttributeBlocks copy_rows(std::span<const RowPlace> rows, const AttributeSchema& from, const AttributeSchema& to) {
  return copied(rows, from, to, {});
}

AttributeBlocks copy_blocks(const AttributeBlocks& blocks, const AttributeSchema& schema) {
  std::vector<RowPlace> rows;
  std::vector<uint64_t> serials;
  for (const auto& block : blocks) {
    serials.push_back(block->serial());
    for (int64_t row = 0; row < block->rows(); ++row) rows.push_back({block.get(), row});
  }
  return copied(rows, schema, schema, serials);
}

}  // namespace recfast
