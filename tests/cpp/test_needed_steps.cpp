#include "split/needed_steps.h"

#include "cpp/check.h"

namespace recfast::split {
namespace {

using Source = Operand::Source;

TEST(only_the_steps_behind_the_columns_are_kept) {
  const std::vector<Step> steps{
      Input{.array = 0, .width = 4, .out = 0},
      Input{.array = 1, .width = 4, .out = 16},
      JoinRows{.a = {Source::kFrame, 0}, .b = Operand{Source::kItem, 16}, .relu = false, .width = 4, .out = 32},
      Cross{.x0 = 32, .z = 16, .xl = 0, .width = 4, .out = 48},
  };
  const auto kept = [&](std::vector<FrameRange> needed) {
    std::vector<size_t> kinds;
    for (const Step& step : needed_steps(steps, std::move(needed))) kinds.push_back(step.index());
    return kinds;
  };
  const std::vector<size_t> join{steps[0].index(), steps[2].index()};
  CHECK(kept({}).empty());
  CHECK(kept({{4, 12}, {20, 12}, {52, 9}}).empty());  // beside what is written
  CHECK(kept({{19, 1}}).size() == 1);
  CHECK(kept({{32, 4}}) == join);
  CHECK(kept({{35, 1}}) == join);
  CHECK(kept({{48, 1}}).size() == 4);
}

TEST(a_product_that_accumulates_needs_what_it_adds_to) {
  std::vector<Step> steps{
      JoinRows{.a = {Source::kRequest, 0}, .b = Operand{Source::kItem, 0}, .relu = false, .width = 8, .out = 0},
      Input{.array = 0, .width = 3, .out = 16},
      Linear{.weight = nullptr, .columns = {}, .bias = nullptr, .in = 3, .out = 8, .x = 16, .y = 0, .accumulate = true},
  };
  CHECK(needed_steps(steps, {{7, 1}}).size() == 3);
  std::get<Linear>(steps[2]).accumulate = false;
  CHECK(needed_steps(steps, {{7, 1}}).size() == 3);  // whatever writes there: it is not judged who overwrites whom
  CHECK(needed_steps(steps, {{16, 1}}).size() == 1);
}

}  // namespace
}  // namespace recfast::split
