#include "engine/pattern/pattern_compiler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/unit/pattern/pattern_support.h"

namespace antiphon::pattern {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;

PatternSpec ThreeSteps() {
  PatternSpec spec;
  spec.elements = {Step("a", 'A'), Step("b", 'B'), Step("c", 'C')};
  spec.within = Milliseconds{100};
  return spec;
}

auto Is(const std::string& code) { return Field(&PatternProblem::code, code); }

TEST(PatternCompilerTest, AcceptsAPlainSequenceWithoutAWord) {
  PatternSpec spec = ThreeSteps();
  spec.after_match = AfterMatch::kRestart;
  EXPECT_TRUE(CheckPattern(spec).empty());
  EXPECT_TRUE(WarnOfPattern(spec).empty());
  EXPECT_TRUE(CompilePattern(spec).has_value());
}

struct Refusal {
  std::string code;
  std::vector<std::uint32_t> path;
  std::string word;
  std::function<void(PatternSpec&)> spoil;
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.code; }

class RefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, NamesTheElementTheWordAndTheRemedy) {
  PatternSpec spec = ThreeSteps();
  GetParam().spoil(spec);
  const auto compiled = CompilePattern(spec);
  ASSERT_FALSE(compiled.has_value());
  EXPECT_THAT(compiled.error(), Contains(AllOf(Is(GetParam().code), Field(&PatternProblem::path, GetParam().path),
                                               Field(&PatternProblem::word, GetParam().word))));
  for (const PatternProblem& problem : compiled.error()) EXPECT_FALSE(problem.message.empty());
}

std::vector<Refusal> OwnRefusals() {
  return {
      {"empty_pattern", {}, "pattern", [](PatternSpec& s) { s.elements.clear(); }},
      {"empty_group", {1}, "group", [](PatternSpec& s) { s.elements[1] = Group({}); }},
      {"name_missing", {1}, "name", [](PatternSpec& s) { s.elements[1].name.clear(); }},
      {"where_on_group", {1}, "where", [](PatternSpec& s) { s.elements[1] = Group({Step("x", 'X')}), s.elements[1].where = 'X'; }},
      {"within_zero", {}, "within", [](PatternSpec& s) { s.within = Milliseconds{0}; }},
      {"within_previous_zero", {1}, "within_previous", [](PatternSpec& s) { s.elements[1].within_previous = Milliseconds{0}; }},
      {"within_previous_on_optional",
       {1},
       "within_previous",
       [](PatternSpec& s) { s.elements[1].optional = true, s.elements[1].within_previous = Milliseconds{5}; }},
      {"within_previous_on_repeated",
       {1},
       "within_previous",
       [](PatternSpec& s) { s.elements[1].times = Times{2, 2}, s.elements[1].within_previous = Milliseconds{5}; }},
      {"within_previous_on_group",
       {1},
       "within_previous",
       [](PatternSpec& s) { s.elements[1] = Group({Step("x", 'X')}), s.elements[1].within_previous = Milliseconds{5}; }},
      {"times_within",
       {1},
       "times",
       [](PatternSpec& s) { s.elements[1].times = Times{2, 2}, s.elements[1].times_within = Milliseconds{5}; }},
      {"bad_times", {1}, "times", [](PatternSpec& s) { s.elements[1].times = Times{-1, -1}; }},
      {"bad_times", {1}, "times", [](PatternSpec& s) { s.elements[1].times = Times{0, std::nullopt}; }},
      {"too_large", {1}, "times", [](PatternSpec& s) { s.elements[1].times = Times{5000, 5000}; }},
      {"too_large",
       {},
       "pattern",
       [](PatternSpec& s) {
         s.elements[1] = Group({Step("x", 'X')}), s.elements[1].times = Times{3000, 4000},
         s.elements[1].group->front().times = Times{3000, 4000};
       }},
      {"quantifier_on_not",
       {1},
       "times",
       [](PatternSpec& s) { s.elements[1].contiguity = Contiguity::kNotNext, s.elements[1].greedy = true; }},
      {"not_group",
       {1},
       "contiguity",
       [](PatternSpec& s) { s.elements[1] = Group({Step("x", 'X')}), s.elements[1].contiguity = Contiguity::kNotFollowedBy; }},
      {"not_first",
       {1, 0},
       "contiguity",
       [](PatternSpec& s) { s.elements[1] = Group({Step("x", 'X', Contiguity::kNotFollowedBy), Step("y", 'Y')}); }},
      {"duplicate_step_name", {1, 0}, "name", [](PatternSpec& s) { s.elements[1] = Group({Step("a", 'X')}); }},
  };
}

INSTANTIATE_TEST_SUITE_P(OwnCodes, RefusalTest, ::testing::ValuesIn(OwnRefusals()));

TEST(PatternCompilerTest, ReportsEveryProblemAtOnce) {
  PatternSpec spec = ThreeSteps();
  spec.within = Milliseconds{0};
  spec.elements[0].contiguity = Contiguity::kNotNext;
  spec.elements[1].greedy = true;
  spec.elements[2].name = "b";
  const auto problems = CheckPattern(spec);
  EXPECT_THAT(problems, ElementsAre(Is("not_first"), Is("greedy_on_single"), Is("duplicate_step_name"), Is("within_zero")));
}

TEST(PatternCompilerTest, RefusesDeepNesting) {
  PatternSpec spec = ThreeSteps();
  for (int i = 0; i < 40; ++i) spec.elements[1] = Group({spec.elements[1]});
  EXPECT_THAT(CheckPattern(spec), ElementsAre(Is("too_deep")));
}

TEST(PatternCompilerTest, WarnsOfWhatTheReadmeWarnsOf) {
  PatternSpec spec = ThreeSteps();
  spec.within.reset();
  spec.after_match = AfterMatch::kSkipPastLastEvent;
  EXPECT_THAT(WarnOfPattern(spec), ElementsAre(Is("skip_without_within"), Is("no_within")));

  spec = ThreeSteps();
  spec.elements[1].contiguity = Contiguity::kFollowedByAny;
  EXPECT_THAT(WarnOfPattern(spec), ElementsAre(Is("runs_grow"), Is("same_story_again")));

  spec = ThreeSteps();
  spec.after_match = AfterMatch::kRestart;
  spec.elements[2].times = Times{1, std::nullopt};
  spec.elements[2].greedy = true;
  EXPECT_THAT(WarnOfPattern(spec), ElementsAre(Is("greedy_forbids"), Is("told_at_every_prefix")));
  spec.elements[2].times = Times{3, 3};
  spec.elements[2].greedy = false;
  EXPECT_THAT(WarnOfPattern(spec), ElementsAre());

  spec.elements.push_back(Step("n", 'N', Contiguity::kNotNext));
  EXPECT_THAT(WarnOfPattern(spec), ElementsAre(Is("not_next_last")));
}

TEST(PatternCompilerTest, WarnsOfWordsWithoutEffect) {
  PatternSpec spec = ThreeSteps();
  spec.after_match = AfterMatch::kRestart;
  spec.elements[1] = Group({Step("x", 'X'), Step("n", 'N', Contiguity::kNotFollowedBy)});
  EXPECT_THAT(WarnOfPattern(spec), ElementsAre(Is("not_without_effect")));

  spec = ThreeSteps();
  spec.after_match = AfterMatch::kSkipToLast;
  spec.skip_to = "b";
  spec.elements[0].within_previous = Milliseconds{5};
  spec.elements[1].contiguity = Contiguity::kNotFollowedBy;
  EXPECT_THAT(WarnOfPattern(spec), ElementsAre(Is("within_previous_without_effect"), Is("skip_to_a_not")));
}

TEST(PatternTest, NumbersStepsInTheOrderOfWriting) {
  PatternSpec spec = ThreeSteps();
  spec.elements[1] = Group({Step("x", 'X'), Step("y", 'Y')});
  EXPECT_THAT(StepNames(spec), ElementsAre("a", "x", "y", "c"));
  EXPECT_EQ(FindStep(spec, "y"), 2);
  EXPECT_EQ(FindStep(spec, "b"), std::nullopt);
  EXPECT_FALSE(EndsInAbsence(spec));
  spec.elements[3 - 1].contiguity = Contiguity::kNotFollowedBy;
  EXPECT_TRUE(EndsInAbsence(spec));
}

}  // namespace
}  // namespace antiphon::pattern
