#include "engine/decision/customer_questions.h"

#include <gmock/gmock.h>

#include "engine/decision/evaluation.h"
#include "engine/decision/words.h"
#include "engine/topology/expression_scope.h"
#include "tests/unit/decision/engine_bench.h"

namespace antiphon::decision {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const EngineTime kNight = At("2026-03-02T22:00:00Z");
const EngineTime kMorning = At("2026-03-03T08:00:00Z");

expression::Program Compiled(const topology::Topology& topology, const std::string& text) {
  return expression::Compile(text, topology::ScopeOf(topology)).value();
}

void AddGate(EngineBench& bench, state::OfferId offer, const std::string& text) {
  bench.topology.offers[offer.value()].eligible.push_back({.rule = "eligible", .about = {}, .when = Compiled(bench.topology, text)});
}

TEST(CustomerQuestionsTest, AContactThatWaitedDoesNotStandInItsOwnWay) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  bench.OpenDaily("08:00-20:00");
  AddGate(bench, a, R"(contacts.count({"offer": "a"}) == 0 && contacts.count({"channel": "sms"}, duration("24h")) == 0)");
  bench.Apply(a, kNight);
  EXPECT_THAT(bench.Changes(), ElementsAre("a planned"));
  bench.Apply(a, kNight + Milliseconds{1});  // another moment: the plan counts
  EXPECT_THAT(bench.Changes(), IsEmpty());
  EXPECT_EQ(bench.effects.decisions[0].silence_stage, Stage::kEligible);
  bench.AdvanceTo(kMorning);
  EXPECT_THAT(bench.Changes(), ElementsAre("a sent"));
  bench.Apply(a, kMorning + Milliseconds{1});  // and so does what was said
  EXPECT_EQ(bench.effects.decisions[0].silence_stage, Stage::kEligible);
}

TEST(CustomerQuestionsTest, AnOpenContactWithAFreePlaceIsNotSeenOneThatWasSaidIs) {
  Bench bench;
  bench.AddOffer("a");
  bench.AddChannel("sms");
  const EngineTime now = At("2026-03-03T12:00:00Z");
  bench.AddToLedger(state::ContactStatus::kPlanned, now);
  bench.AddToLedger(state::ContactStatus::kPresented, now - Milliseconds{5});
  bench.AddToLedger(state::ContactStatus::kSent, now - Milliseconds{9});
  Step step = bench.StepAt(now);
  const expression::Program count = Compiled(bench.topology, R"(contacts.count({"offer": "a"}))");
  const expression::Program last = Compiled(bench.topology, R"(contacts.last({"offer": "a"}))");
  Evaluation evaluation(step);
  EXPECT_EQ(evaluation.Evaluate(count).as_int(), 3);
  EXPECT_EQ(evaluation.Evaluate(last).as_ms(), ToEpochMs(now));
  const std::uint32_t free[] = {1, 2};
  evaluation.free = free;
  EXPECT_EQ(evaluation.Evaluate(count).as_int(), 2);
  EXPECT_EQ(evaluation.Evaluate(last).as_ms(), ToEpochMs(now - Milliseconds{5}));
}

// The loader has a list of its own of the words that a filter may hold.
TEST(CustomerQuestionsTest, FiltersTakeEveryStatusClassAndDirection) {
  const topology::Topology topology;
  const expression::Declarations scope = topology::ScopeOf(topology);
  const auto taken = [&scope](const std::string& key, std::string_view word) {
    return expression::Compile("contacts.count({'" + key + "': '" + std::string(word) + "'}) == 0", scope).has_value();
  };
  for (int i = 1; i < 16; ++i) EXPECT_TRUE(taken("status", StatusName(static_cast<state::ContactStatus>(i)))) << i;
  for (int i = 1; i < 5; ++i) EXPECT_TRUE(taken("class", ClassName(static_cast<state::ContactClass>(i)))) << i;
  for (int i = 1; i < 3; ++i) EXPECT_TRUE(taken("direction", DirectionName(static_cast<state::Direction>(i)))) << i;
  EXPECT_FALSE(taken("status", "none"));
  EXPECT_FALSE(taken("status", "sold"));
}

}  // namespace
}  // namespace antiphon::decision
