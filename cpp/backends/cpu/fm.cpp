// fm on the CPU: the sum and the term of each side's fields, joined by dot products of the sums.

#include "backends/cpu/join_rows.h"
#include "backends/cpu/lowering.h"

namespace recfast::cpu {
namespace {

class FmStep final : public Step {
 public:
  struct Options {
    int64_t fields = 0;
    int64_t dim = 0;
    int64_t x = 0;  // frame offsets
    int64_t sum = 0;
    int64_t term = 0;
  };
  FmStep(const KernelTable& kernels, Options options) : kernel_(kernels.fm), options_(options) {}
  void run(const Tile& tile) const noexcept override {
    kernel_(tile.at(options_.x), tile.stride, tile.rows, options_.fields, options_.dim, tile.at(options_.sum),
            tile.stride, tile.at(options_.term), tile.stride);
  }

 private:
  decltype(KernelTable::fm) kernel_;
  Options options_;
};

// frame[term] += a . b
class DotStep final : public Step {
 public:
  struct Options {
    Operand a;
    Operand b;
    int64_t dim = 0;
    int64_t term = 0;
  };
  DotStep(const KernelTable& kernels, Options options) : kernel_(kernels.dot_rows), options_(options) {}
  void run(const Tile& tile) const noexcept override {
    const float* const* a = tile.rows_of(options_.a, 0);
    const float* const* b = tile.rows_of(options_.b, 1);
    float* term = tile.at(options_.term);
    for (int64_t r = 0; r < tile.rows; ++r) tile.scalars[r] = term[r * tile.stride];
    kernel_(a, b, tile.rows, options_.dim, tile.scalars);
    for (int64_t r = 0; r < tile.rows; ++r) term[r * tile.stride] = tile.scalars[r];
  }

 private:
  decltype(KernelTable::dot_rows) kernel_;
  Options options_;
};

}  // namespace

void lower_fm(Lowering& lowering, const OpNode& node) {
  const int64_t dim = lowering.slot(node.inputs[0]).width;
  // The fields of each stage; a field that is itself of several sides counts as pair.
  Value fields[3];
  int64_t counts[3] = {};
  for (const int64_t input : node.inputs) {
    const Value& value = lowering.value(input);
    const auto side = static_cast<size_t>(side_of(value));
    const Part part = lowering.contiguous(value, static_cast<Side>(side));
    fields[side].push_back(part);
    ++counts[side];
  }
  std::vector<Operand> sums;
  std::vector<Operand> terms;
  Value last;
  const Side side = lowering.slot(node.output).side;
  for (const Side stage : {Side::kRequest, Side::kItem, Side::kPair}) {
    const auto at = static_cast<size_t>(stage);
    if (counts[at] == 0) continue;
    const Part x = lowering.contiguous(fields[at], stage);
    const Part sum = lowering.allocate(stage, dim);
    const Part term = lowering.allocate(stage, 1);
    lowering.add<FmStep>(
        stage, lowering.kernels(),
        FmStep::Options{.fields = counts[at], .dim = dim, .x = x.offset, .sum = sum.offset, .term = term.offset});
    last = {term};
    if (stage == side && stage != Side::kPair) break;
    sums.push_back(lowering.operand(sum, Side::kPair));
    terms.push_back(lowering.operand(term, Side::kPair));
  }
  if (side != Side::kPair || sums.size() == 1) {
    lowering.define(node.output, last);
    return;
  }
  const Part out = lowering.allocate(Side::kPair, 1);
  const Operand so_far{Operand::Source::kFrame, out.offset};
  lowering.add<JoinRowsStep>(Side::kPair, lowering.kernels(),
                             JoinRowsStep::Options{.a = terms[0], .b = terms[1], .relu = false, .out = out});
  for (size_t i = 2; i < terms.size(); ++i) {
    lowering.add<JoinRowsStep>(Side::kPair, lowering.kernels(),
                               JoinRowsStep::Options{.a = so_far, .b = terms[i], .relu = false, .out = out});
  }
  for (size_t i = 0; i < sums.size(); ++i) {
    for (size_t j = i + 1; j < sums.size(); ++j) {
      lowering.add<DotStep>(Side::kPair, lowering.kernels(),
                            DotStep::Options{.a = sums[i], .b = sums[j], .dim = dim, .term = out.offset});
    }
  }
  lowering.define(node.output, {out});
  ScoreForm form;
  for (const Operand& term : terms) form.add(term);
  for (size_t i = 0; i < sums.size(); ++i)
    for (size_t j = i + 1; j < sums.size(); ++j) form.add(sums[i], sums[j], dim);
  lowering.define_form(node.output, std::move(form));
}

}  // namespace recfast::cpu
