#include "engine/pattern/matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/unit/pattern/pattern_support.h"

namespace antiphon::pattern {
namespace {

constexpr Milliseconds kTen{10};

PatternSpec SalaryThenDrain(AfterMatch after) {
  PatternSpec spec;
  spec.elements = {Step("a", 'A'), Step("b", 'B')};
  spec.within = kTen;
  spec.after_match = after;
  return spec;
}

PatternSpec Absence(AfterMatch after) {
  PatternSpec spec;
  spec.elements = {Step("a", 'A'), Step("n", 'N', Contiguity::kNotFollowedBy)};
  spec.within = kTen;
  spec.after_match = after;
  return spec;
}

TEST(MatcherTest, CostsOneConditionWhenNothingIsOpenAndTheFirstStepDoesNotFit) {
  Customer customer(SalaryThenDrain(AfterMatch::kRestart));
  customer.See({1, 'X'});
  EXPECT_EQ(customer.conditions.asked, 1U);
  EXPECT_TRUE(customer.runs.Empty());
  EXPECT_EQ(customer.runs.open.capacity(), 0U);
}

TEST(MatcherTest, AsksEachConditionOncePerRunAndEvent) {
  PatternSpec spec = SalaryThenDrain(AfterMatch::kNoSkip);
  spec.elements[1].times = Times{3, 5};
  Customer customer(spec);
  customer.See({1, 'A'});
  customer.conditions.asked = 0;
  customer.See({2, 'B'});
  EXPECT_EQ(customer.conditions.asked, 2U);  // b for the open run, a for a new one
}

TEST(MatcherTest, TellsWhoseStoryItWas) {
  Customer customer(SalaryThenDrain(AfterMatch::kNoSkip));
  customer.See({5, 'A'}, 7);
  customer.See({8, 'B'}, 9);
  ASSERT_EQ(customer.told.matches.size(), 1U);
  const state::PatternRun& run = customer.told.matches[0].run;
  EXPECT_EQ(run.first_event_id, "e0");
  EXPECT_EQ(run.mark, 7);
  EXPECT_EQ(run.started_at, FromEpochMs(5));
  EXPECT_EQ(run.last_at, FromEpochMs(8));
  EXPECT_EQ(customer.Matches(), "8: a0 b1");
}

TEST(MatcherTest, TimesOutOnTheMillisecondItIsDue) {
  Customer customer(SalaryThenDrain(AfterMatch::kNoSkip));
  customer.See({1, 'A'});
  EXPECT_EQ(customer.matcher().NextDue(customer.runs), FromEpochMs(11));
  EXPECT_EQ(customer.matcher().NextMatchDue(customer.runs), std::nullopt);  // no timer is needed for a silent end
  customer.AdvanceTo(10);
  EXPECT_EQ(customer.told.timed_out, 0U);
  customer.See({11, 'B'});
  EXPECT_EQ(customer.told.timed_out, 1U);
  EXPECT_EQ(customer.told.timeouts[0].at, FromEpochMs(11));
  EXPECT_EQ(customer.Matches(), "");
}

TEST(MatcherTest, AbsenceFiresOnTheMillisecondItIsDueHoweverLateTheClockComes) {
  Customer customer(Absence(AfterMatch::kNoSkip));
  customer.See({1, 'A'});
  EXPECT_EQ(customer.matcher().NextMatchDue(customer.runs), FromEpochMs(11));
  customer.AdvanceTo(10);
  EXPECT_EQ(customer.Matches(), "");
  customer.AdvanceTo(5000);
  EXPECT_EQ(customer.Matches(), "11 clock: a0");
  EXPECT_TRUE(customer.runs.Empty());
}

TEST(MatcherTest, AllNotsAtTheEndCount) {
  PatternSpec spec = Absence(AfterMatch::kNoSkip);
  spec.elements.push_back(Step("m", 'M', Contiguity::kNotFollowedBy));
  Customer customer(spec);
  customer.See({1, 'A'});
  customer.See({2, 'N'});
  EXPECT_TRUE(customer.runs.Empty());
  customer.See({3, 'A'});
  customer.See({4, 'M'});
  EXPECT_TRUE(customer.runs.Empty());
  customer.See({5, 'A'});
  customer.AdvanceTo(100);
  EXPECT_EQ(customer.Matches(), "15 clock: a4");
}

TEST(MatcherTest, ANotAtTheEndCountsWhateverItsOwnWithinPrevious) {
  PatternSpec spec = Absence(AfterMatch::kNoSkip);
  spec.elements[1].within_previous = Milliseconds{2};
  spec.elements.push_back(Step("m", 'M', Contiguity::kNotFollowedBy));
  Customer customer(spec);
  customer.See({1, 'A'});
  customer.See({5, 'N'});
  EXPECT_TRUE(customer.runs.Empty());
  EXPECT_EQ(customer.told.timed_out, 0U);
}

TEST(MatcherTest, InTheMiddleANotFollowedByCountsAlsoBeforeANotNext) {
  PatternSpec spec;
  spec.elements = {Step("a", 'A'), Step("n", 'N', Contiguity::kNotFollowedBy), Step("m", 'M', Contiguity::kNotNext), Step("b", 'B')};
  Customer customer(spec);
  customer.See({1, 'A'});
  customer.See({2, 'X'});
  customer.See({3, 'N'});
  EXPECT_TRUE(customer.runs.Empty());
  customer.See({4, 'A'});
  customer.See({5, 'M'});
  EXPECT_TRUE(customer.runs.Empty());
  customer.See({6, 'A'});
  customer.See({7, 'X'});
  customer.See({8, 'B'});
  EXPECT_EQ(customer.Matches(), "8: a5 b7");
}

TEST(MatcherTest, ARepeatedGroupTellsEachMatchOnce) {
  PatternSpec spec;
  PatternElement second = Step("y", 'X');
  second.optional = true;
  PatternElement group = Group({Step("x", 'X'), second});
  group.times = Times{1, std::nullopt};
  group.inner = Inner::kAllowCombinations;
  spec.elements = {Step("a", 'A'), group, Step("e", 'E')};
  Customer customer(spec);
  customer.See({1, 'A'});
  for (const std::int64_t time : {2, 3, 4}) customer.See({time, 'X'});
  customer.See({5, 'E'});
  std::set<std::string> once;
  for (const ToldMatch& match : customer.told.matches) EXPECT_TRUE(once.insert(customer.Events(match.run)).second);
  EXPECT_GT(once.size(), 4U);
}

TEST(MatcherTest, ALoopBeforeAnAbsenceKeepsItsLastEvent) {
  PatternSpec spec;
  spec.elements = {Step("a", 'A'), Step("b", 'B'), Step("n", 'N', Contiguity::kNotFollowedBy)};
  spec.elements[1].times = Times{1, std::nullopt};
  spec.elements[1].greedy = true;
  spec.within = kTen;
  Customer customer(spec);
  customer.See({1, 'A'});
  customer.See({2, 'B'});
  customer.See({3, 'B'});
  EXPECT_EQ(customer.matcher().NextMatchDue(customer.runs), FromEpochMs(11));
  customer.AdvanceTo(20);
  EXPECT_EQ(customer.Matches(), "11 clock: a0 b1 b2");
  EXPECT_EQ(customer.told.timed_out, 0U);
  customer.See({21, 'A'});
  customer.See({22, 'B'});
  customer.See({23, 'N'});
  customer.AdvanceTo(100);
  EXPECT_EQ(customer.Matches(), "11 clock: a0 b1 b2");
}

TEST(MatcherTest, WithinPreviousHoldsAlsoAfterALoop) {
  PatternSpec spec;
  spec.elements = {Step("a", 'A'), Step("b", 'B')};
  spec.elements[0].times = Times{1, std::nullopt};
  spec.elements[1].within_previous = Milliseconds{5};
  Customer customer(spec);
  customer.See({1, 'A'});
  customer.See({6, 'B'});
  EXPECT_EQ(customer.Matches(), "");
  customer.See({7, 'A'});
  customer.See({11, 'B'});
  EXPECT_EQ(customer.Matches(), "11: a0 a2 b3; 11: a2 b3");
}

TEST(MatcherTest, RestartTellsOneMatchPerEventAndDropsAllOtherRuns) {
  Customer customer(SalaryThenDrain(AfterMatch::kRestart));
  customer.See({1, 'A'});
  customer.See({2, 'A'});
  customer.See({3, 'B'});
  EXPECT_EQ(customer.Matches(), "3: a0 b2");
  EXPECT_TRUE(customer.runs.Empty());
  customer.See({4, 'B'});
  customer.See({5, 'A'});
  customer.See({6, 'B'});
  EXPECT_EQ(customer.Matches(), "3: a0 b2; 6: a4 b5");
}

TEST(MatcherTest, RestartDropsTheRunThatTheMatchingEventOpened) {
  PatternSpec spec = SalaryThenDrain(AfterMatch::kRestart);
  spec.elements[1].where = 'A';  // each A is an end and a start
  Customer customer(spec);
  for (const std::int64_t time : {1, 2, 3, 4}) customer.See({time, 'A'});
  EXPECT_EQ(customer.Matches(), "2: a0 b1; 4: a2 b3");
}

TEST(MatcherTest, RestartTellsTheMatchWithMostEvents) {
  PatternSpec spec = SalaryThenDrain(AfterMatch::kRestart);
  spec.elements[0].times = Times{1, std::nullopt};
  Customer customer(spec);
  for (const std::int64_t time : {1, 2, 3}) customer.See({time, 'A'});
  customer.See({4, 'B'});
  EXPECT_EQ(customer.Matches(), "4: a0 a1 a2 b3");
}

TEST(MatcherTest, RestartPrefersMostEventsOverAnEarlierStart) {
  PatternSpec spec = SalaryThenDrain(AfterMatch::kRestart);
  spec.elements[0].times = Times{1, 2};
  spec.elements[0].inner = Inner::kConsecutive;
  Customer customer(spec);
  customer.See({1, 'A'});
  customer.See({2, 'X'});
  for (const std::int64_t time : {3, 4}) customer.See({time, 'A'});
  customer.See({5, 'B'});
  EXPECT_EQ(customer.Matches(), "5: a2 a3 b4");
}

TEST(MatcherTest, RestartWithAnAbsenceTellsOneMatchPerMillisecond) {
  Customer customer(Absence(AfterMatch::kRestart));
  customer.See({1, 'A'});
  customer.See({1, 'A'});
  customer.See({5, 'A'});
  customer.AdvanceTo(100);
  EXPECT_EQ(customer.Matches(), "11 clock: a0");
}

TEST(MatcherTest, RunsMaxRefusesNewRunsAndKeepsTheOldOnesWithTheirAbsences) {
  Customer customer(Absence(AfterMatch::kNoSkip), {.runs_max = 2});
  for (const std::int64_t time : {1, 2, 3, 4}) customer.See({time, 'A'});
  EXPECT_EQ(customer.told.runs_refused, 2U);
  customer.AdvanceTo(11);
  customer.See({11, 'A'});  // the first run has fired: there is room again
  customer.AdvanceTo(100);
  EXPECT_EQ(customer.Matches(), "11 clock: a0; 12 clock: a1; 21 clock: a4");
  EXPECT_EQ(customer.told.runs_refused, 2U);
}

TEST(MatcherTest, RunsMaxRefusesForksAndKeepsTheBranchThatTook) {
  PatternSpec spec;
  spec.elements = {Step("a", 'A'), Step("b", 'B', Contiguity::kFollowedByAny), Step("c", 'C')};
  Customer customer(spec, {.runs_max = 1});
  customer.See({1, 'A'});
  customer.See({2, 'B'});
  EXPECT_EQ(customer.told.runs_refused, 1U);
  customer.See({3, 'B'});
  customer.See({4, 'C'});
  EXPECT_EQ(customer.Matches(), "4: a0 b1 c3");
}

// Every event starts a run; one of a greater value completes it.
PatternSpec GrowingValues() {
  PatternSpec spec = SalaryThenDrain(AfterMatch::kSkipToNext);
  spec.elements[0].where = std::nullopt;
  spec.elements[1].where = TypeConditions::kValueAboveSum;
  spec.captures = {{0, 0, Take::kSum}};
  return spec;
}

TEST(MatcherTest, AWithheldMatchIsToldWhenTheOlderRunRunsOut) {
  Customer customer(GrowingValues(), {.runs_max = 2});
  customer.See({1, 'X', 100});  // never answered
  customer.See({2, 'X', 1});
  customer.See({3, 'X', 50});  // answers the second
  EXPECT_EQ(customer.Matches(), "");
  EXPECT_EQ(customer.runs.waiting.size(), 1U);
  EXPECT_EQ(customer.matcher().NextMatchDue(customer.runs), FromEpochMs(11));
  customer.AdvanceTo(11);
  EXPECT_EQ(customer.Matches(), "11 clock: a1 b2");
  EXPECT_TRUE(customer.runs.waiting.empty());
}

TEST(MatcherTest, RunsMaxBoundsWaitingMatchesToo) {
  Customer customer(GrowingValues(), {.runs_max = 2});
  customer.See({1, 'X', 100});
  for (const std::int64_t time : {2, 3, 4, 5}) customer.See({time, 'X', time});
  EXPECT_EQ(customer.runs.waiting.size(), 2U);
  EXPECT_EQ(customer.told.waiting_refused, 1U);
}

TEST(MatcherTest, EventsMaxEndsARunThatWouldTakeMore) {
  PatternSpec spec;
  spec.elements = {Step("a", 'A'), Step("b", 'B'), Step("c", 'C')};
  spec.elements[1].times = Times{1, std::nullopt};
  spec.elements[1].inner = Inner::kConsecutive;
  Customer customer(spec, {.events_max = 3});
  customer.See({1, 'A'});
  for (const std::int64_t time : {2, 3, 4}) customer.See({time, 'B'});
  EXPECT_EQ(customer.told.events_refused, 1U);
  for (const state::PatternRun& run : customer.runs.open) EXPECT_LE(run.taken.size(), 3U);
}

TEST(MatcherTest, ARunKeepsTheCapturesOfItsSteps) {
  PatternSpec spec;
  spec.elements = {Step("a", 'A'), Step("b", 'B')};
  spec.elements[0].times = Times{3, 3};
  spec.captures = {{0, 0, Take::kFirst}, {0, 0, Take::kLast},  {0, 0, Take::kSum}, {0, 0, Take::kMin},
                   {0, 0, Take::kMax},   {0, 0, Take::kCount}, {1, 0, Take::kLast}};
  Customer customer(spec);
  customer.See({1, 'A', 5});
  customer.See({2, 'A', 2});
  customer.See({3, 'A', 9});
  ASSERT_FALSE(customer.runs.open.empty());
  using V = std::vector<state::Scalar>;
  const std::int64_t first = 5;
  const V expected{first, std::int64_t{9}, std::int64_t{16}, std::int64_t{2}, std::int64_t{9}, std::int64_t{3}, std::monostate{}};
  EXPECT_EQ(customer.runs.open.front().captures, expected);
}

TEST(MatcherTest, GuardsSeeWhatWasTakenBeforeTheEventInHand) {
  PatternSpec spec;
  spec.elements = {Step("a", 'A')};
  spec.elements[0].where = TypeConditions::kValueAboveSum;
  spec.elements[0].times = Times{2, 2};
  spec.captures = {{0, 0, Take::kSum}};
  Customer customer(spec);
  customer.See({1, 'A', 4});  // 4 > nothing
  customer.See({2, 'A', 4});  // not more than 4; opens a run of its own
  customer.See({3, 'A', 5});
  EXPECT_EQ(customer.Matches(), "3: a0 a2; 3: a1 a2");
}

TEST(MatcherTest, OneScratchServesManyMatchers) {
  const CompiledPattern small = CompilePattern(SalaryThenDrain(AfterMatch::kNoSkip)).value();
  PatternSpec long_spec = SalaryThenDrain(AfterMatch::kNoSkip);
  long_spec.elements[1].times = Times{50, 50};
  const CompiledPattern large = CompilePattern(long_spec).value();
  const Matcher one(small, {});
  const Matcher two(large, {});
  MatcherScratch scratch;
  TypeConditions conditions;
  Told told;
  state::PatternRuns runs_one;
  state::PatternRuns runs_two;
  for (std::uint64_t i = 0; i < 4; ++i) {
    conditions.event = {static_cast<std::int64_t>(i), i % 2 == 0 ? 'A' : 'B'};
    const EventInHand event{FromEpochMs(conditions.event.time), i, "", 0};
    one.OnEvent(runs_one, event, conditions, scratch, told);
    two.OnEvent(runs_two, event, conditions, scratch, told);
  }
  EXPECT_EQ(told.matches.size(), 2U);
  EXPECT_EQ(runs_two.open.size(), 2U);
}

}  // namespace
}  // namespace antiphon::pattern
