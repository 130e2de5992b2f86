#include "engine/pattern/match_order.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace antiphon::pattern {
namespace {

state::PatternRun Taking(std::vector<state::TakenEvent> taken) {
  state::PatternRun run;
  run.taken = std::move(taken);
  return run;
}

TEST(MatchOrderTest, MostEventsThenEarliestEventsThenEarliestSteps) {
  const state::PatternRun longest = Taking({{5, 0}, {6, 1}, {7, 2}});
  const state::PatternRun early = Taking({{1, 0}, {4, 1}});
  const state::PatternRun later_step = Taking({{1, 0}, {4, 2}});
  const state::PatternRun late = Taking({{1, 0}, {5, 0}});
  const std::vector<state::PatternRun> ordered{longest, early, later_step, late};
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    for (std::size_t j = 0; j < ordered.size(); ++j) EXPECT_EQ(IsPreferred(ordered[i], ordered[j]), i < j) << i << " " << j;
  }
}

TEST(MatchOrderTest, AmongDifferentStartsTheEarlierIsToldFirst) {
  const state::PatternRun longest = Taking({{5, 0}, {6, 1}, {7, 2}});
  const state::PatternRun early = Taking({{1, 0}, {4, 1}});
  EXPECT_TRUE(ComesFirst(early, longest));
  EXPECT_FALSE(ComesFirst(longest, early));
}

TEST(MatchOrderTest, SumOfWholeNumbersKeepsItsValueWhenItWouldOverflow) {
  state::Scalar sum = std::numeric_limits<std::int64_t>::max() - 1;
  Accumulate(sum, Take::kSum, std::int64_t{5});
  EXPECT_EQ(sum, state::Scalar{std::numeric_limits<std::int64_t>::max() - 1});
  Accumulate(sum, Take::kSum, std::int64_t{1});
  EXPECT_EQ(sum, state::Scalar{std::numeric_limits<std::int64_t>::max()});
}

TEST(MatchOrderTest, PassesOverWhatIsNotANumber) {
  state::Scalar min;
  Accumulate(min, Take::kMin, std::string("text"));
  EXPECT_TRUE(state::IsAbsent(min));
  Accumulate(min, Take::kMin, std::int64_t{3});
  Accumulate(min, Take::kMin, 2.5);
  EXPECT_EQ(min, state::Scalar{2.5});
  state::Scalar sum = std::int64_t{1};
  Accumulate(sum, Take::kSum, state::Scalar{});
  Accumulate(sum, Take::kSum, 0.5);
  EXPECT_EQ(sum, state::Scalar{1.5});
}

TEST(MatchOrderTest, LastIsAbsentWhenTheLastEventHasNoSuchField) {
  state::Scalar last = std::int64_t{1};
  Accumulate(last, Take::kLast, state::Scalar{});
  EXPECT_TRUE(state::IsAbsent(last));
}

}  // namespace
}  // namespace antiphon::pattern
