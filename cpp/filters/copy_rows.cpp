#include "filters/copy_rows.h"

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

}  // namespace

AttributeBlocks copy_rows(std::span<const RowPlace> rows, const AttributeSchema& from, const AttributeSchema& to) {
  BlockBuilder builder(to, static_cast<int64_t>(rows.size()));
  const auto same = [](auto value) { return value; };
  for (size_t a = 0; a < to.size(); ++a) {
    switch (to[a].type) {
      case AttributeType::kUnknown:
        break;
      case AttributeType::kBool:
        for (size_t i = 0; i < rows.size(); ++i) {
          const auto [block, row] = rows[i];
          if (block->is_null(a, row)) continue;
          builder[a].set_bool(static_cast<int64_t>(i), block->cells(a).as<uint64_t>()[row / 64] >> (row % 64) & 1);
        }
        break;
      case AttributeType::kString:
        copy_values<uint32_t>(rows, a, builder[a], Recoded(*from[a].dictionary, *to[a].dictionary));
        break;
      case AttributeType::kStringList:
        copy_lists<uint32_t>(rows, a, builder[a], Recoded(*from[a].dictionary, *to[a].dictionary));
        break;
      case AttributeType::kUnknownList:
      case AttributeType::kIntList:
      case AttributeType::kUintList:
        copy_lists<int64_t>(rows, a, builder[a], same);
        break;
      default:  // 8 bytes, whatever they mean
        copy_values<int64_t>(rows, a, builder[a], same);
        break;
    }
  }
  return std::move(builder).finish();
}

}  // namespace recfast
