// dot_interaction: pairs of vectors of one side on its stage, all other pairs per candidate.
//
// The numbers of the pair stage stand in one range, by the sorted vectors (request, item, pair): a run of R dot
// products per item vector, then per pair vector a run with the request vectors, one with the item vectors, one with
// the pair vectors before it. Inputs that come sorted give the pair stage one part, which a linear op reads in place.

#include <algorithm>
#include <vector>

#include "split/append_part.h"
#include "split/lowering.h"

namespace recfast::split {
namespace {

// A CPU's register holds a coordinate of 8 request vectors; up to this many beyond whole ones are cheaper by
// themselves.
constexpr int64_t kFewLanes = 2;

constexpr int64_t triangle(int64_t count) {
  return count * (count - 1) / 2;
}

class Interaction {
 public:
  Interaction(Lowering& lowering, const OpNode& node)
      : lowering_(lowering), slot_(node.output), dim_(lowering.slot(node.inputs[0]).width) {
    Value parts[3];
    for (const int64_t input : node.inputs) {
      const Value& value = lowering.value(input);
      const auto side = static_cast<size_t>(side_of(value));
      places_.push_back({static_cast<Side>(side), counts_[side]++});
      parts[side].insert(parts[side].end(), value.begin(), value.end());
    }
    for (const Side stage : {Side::kRequest, Side::kItem, Side::kPair}) {
      const auto at = static_cast<size_t>(stage);
      if (counts_[at] > 0) vectors_[at] = lowering.contiguous(parts[at], stage);
    }
  }

  void lower_sides() {
    for (const Side stage : {Side::kRequest, Side::kItem}) {
      const auto at = static_cast<size_t>(stage);
      if (counts_[at] < 2) continue;
      const Part dots = lowering_.allocate(stage, triangle(counts_[at]));
      lowering_.define_part(slot_, PartOf::kDots, dots);
      ranges_[at] = dots.offset;
      const Vectors own = vectors(stage, stage);
      for (int64_t j = 1; j < own.count; ++j)
        dot_vectors(stage, own[j], {own.at, j, dim_}, ranges_[at] + triangle(j), 1);
    }
  }

  void lower_pairs() {
    const int64_t width = requests() * (items() + pairs()) + items() * pairs() + triangle(pairs());
    if (width == 0) return;
    ranges_[2] = lowering_.allocate(Side::kPair, width).offset;
    if (requests() > 0 && items() + pairs() > 0) lower_requests();
    const Vectors own = vectors(Side::kPair, Side::kPair);
    for (int64_t p = 0; p < pairs(); ++p) {
      const int64_t y = ranges_[2] + pair_run(p) + requests();
      if (items() > 0) dot_vectors(Side::kPair, own[p], vectors(Side::kItem, Side::kPair), y, 1);
      if (p > 0) dot_vectors(Side::kPair, own[p], {own.at, p, dim_}, y + items(), 1);
    }
  }

  // The op's output, in its order.
  Value value() const {
    Value out;
    for (size_t j = 1; j < places_.size(); ++j)
      for (size_t i = 0; i < j; ++i) append_part(out, part(places_[i], places_[j]));
    return out;
  }

 private:
  struct Place {
    Side side;
    int64_t index;  // among the vectors of the side
  };

  int64_t requests() const { return counts_[0]; }
  int64_t items() const { return counts_[1]; }
  int64_t pairs() const { return counts_[2]; }
  // Where the numbers of pair vector p begin in the pair stage's range.
  int64_t pair_run(int64_t p) const { return requests() * items() + p * (requests() + items()) + triangle(p); }

  Vectors vectors(Side side, Side stage) {
    const auto at = static_cast<size_t>(side);
    if (counts_[at] == 0) return {};
    return {lowering_.operand(vectors_[at], stage), counts_[at], dim_};
  }

  void dot_vectors(Side stage, Operand left, Vectors right, int64_t y, int64_t step) {
    lowering_.add(stage, DotVectors{.left = left, .right = right, .y = y, .step = step});
  }

  // The request vectors with all item and pair vectors.
  void lower_requests() {
    const int64_t rest = requests() % 8 <= kFewLanes ? requests() % 8 : 0;
    const int64_t lanes = requests() - rest;
    Operand transposed;
    if (lanes > 0) {
      const Part range = lowering_.allocate(Side::kRequest, dim_ * Transpose::padded(lanes));
      lowering_.add(Side::kRequest, Transpose{.lanes = lanes, .dim = dim_, .x = vectors_[0].offset, .y = range.offset});
      transposed = lowering_.operand(range, Side::kPair);
    }
    const Vectors own = vectors(Side::kRequest, Side::kPair);
    const auto with = [&](const Vectors& right, int64_t y) {
      if (lanes > 0) {
        lowering_.add(Side::kPair,
                      DotBlock{.left = transposed, .lanes = lanes, .right = right, .y = y, .step = requests()});
      }
      for (int64_t i = lanes; i < requests(); ++i) dot_vectors(Side::kPair, own[i], right, y + i, requests());
    };
    if (items() > 0) with(vectors(Side::kItem, Side::kPair), ranges_[2]);
    const Vectors pair = vectors(Side::kPair, Side::kPair);
    for (int64_t p = 0; p < pairs(); ++p) with({pair[p], 1, dim_}, ranges_[2] + pair_run(p));
  }

  // The dot product of two vectors; it does not matter which is which.
  Part part(Place a, Place b) const {
    if (a.side > b.side || (a.side == b.side && a.index > b.index)) std::swap(a, b);
    if (a.side == b.side && a.side != Side::kPair)
      return {a.side, ranges_[static_cast<size_t>(a.side)] + triangle(b.index) + a.index, 1};
    if (b.side == Side::kItem) return {Side::kPair, ranges_[2] + b.index * requests() + a.index, 1};
    const int64_t before = a.side == Side::kRequest ? 0 : a.side == Side::kItem ? requests() : requests() + items();
    return {Side::kPair, ranges_[2] + pair_run(b.index) + before + a.index, 1};
  }

  Lowering& lowering_;
  int64_t slot_;
  int64_t dim_;
  std::vector<Place> places_;
  Part vectors_[3];
  int64_t counts_[3] = {};
  int64_t ranges_[3] = {};  // frame offsets of the numbers of each stage
};

}  // namespace

void lower_dot_interaction(Lowering& lowering, const OpNode& node) {
  Interaction interaction(lowering, node);
  interaction.lower_sides();
  interaction.lower_pairs();
  lowering.define(node.output, interaction.value());
}

}  // namespace recfast::split
