#include "split/needed_steps.h"

#include <algorithm>
#include <limits>

namespace recfast::split {
namespace {

// The columns of the frame that a step reads and writes.
class Ranges {
 public:
  explicit Ranges(const Step& step) {
    std::visit([this](const auto& kind) { add(kind); }, step);
  }
  std::vector<FrameRange> reads;
  std::vector<FrameRange> writes;

 private:
  void read(int64_t begin, int64_t width) { reads.push_back({begin, width}); }
  void read(const Operand& x, int64_t width) {
    if (x.source == Operand::Source::kFrame) read(x.offset, width);
  }
  void write(int64_t begin, int64_t width) { writes.push_back({begin, width}); }

  void add(const Input& step) { write(step.out, step.width); }
  void add(const Copy& step) {
    read(step.from, step.width);
    write(step.out, step.width);
  }
  void add(const Rows& step) { write(step.out, step.table->dim()); }
  void add(const EmbeddingBag& step) { write(step.out, step.table->dim()); }
  void add(const SparseBag& step) { write(step.out, step.entries->rows); }
  void add(const Linear& step) {
    read(step.x, step.in);
    if (step.accumulate) read(step.y, step.out);
    write(step.y, step.out);
  }
  void add(const JoinRows& step) {
    read(step.a, step.width);
    if (step.b) read(*step.b, step.width);
    write(step.out, step.width);
  }
  void add(const Fm& step) {
    read(step.x, step.fields * step.dim);
    write(step.sum, step.dim);
    write(step.term, 1);
  }
  void add(const AddDot& step) {
    read(step.a, step.dim);
    read(step.b, step.dim);
    read(step.term, 1);
    write(step.term, 1);
  }
  void add(const Transpose& step) {
    read(step.x, step.lanes * step.dim);
    write(step.y, step.dim * Transpose::padded(step.lanes));
  }
  void add(const DotBlock& step) {
    read(step.left, step.right.dim * Transpose::padded(step.lanes));
    read(step.right.at, step.right.count * step.right.dim);
    write(step.y, (step.right.count - 1) * step.step + step.lanes);
  }
  void add(const DotVectors& step) {
    read(step.left, step.right.dim);
    read(step.right.at, step.right.count * step.right.dim);
    write(step.y, (step.right.count - 1) * step.step + 1);
  }
  void add(const Cross& step) {
    for (const int64_t x : {step.x0, step.z, step.xl}) read(x, step.width);
    write(step.out, step.width);
  }
  void add(const Normalise& step) {
    read(step.x, step.width);
    write(step.out, step.width);
  }
  void add(const Id& step) { write(step.out, 1); }
  void add(const Pick& step) {
    read(step.x, std::numeric_limits<int32_t>::max());  // how far the ids reach is not known here
    read(step.id, 1);
    write(step.out, 1);
  }
};

bool overlap(const FrameRange& a, const FrameRange& b) {
  return a.begin < b.begin + b.width && b.begin < a.begin + a.width;
}

}  // namespace

std::vector<Step> needed_steps(std::span<const Step> steps, std::vector<FrameRange> needed) {
  std::vector<Step> kept;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    const Ranges ranges(*step);
    const bool writes_needed = std::any_of(ranges.writes.begin(), ranges.writes.end(), [&](const FrameRange& write) {
      return std::any_of(needed.begin(), needed.end(), [&](const FrameRange& range) { return overlap(write, range); });
    });
    if (!writes_needed) continue;
    needed.insert(needed.end(), ranges.reads.begin(), ranges.reads.end());
    kept.push_back(*step);
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

}  // namespace recfast::split
