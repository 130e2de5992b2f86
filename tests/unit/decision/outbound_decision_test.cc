#include "engine/decision/outbound_decision.h"

#include <gmock/gmock.h>

#include "engine/decision/words.h"
#include "tests/unit/decision/engine_bench.h"

namespace antiphon::decision {

std::vector<std::string> EngineBench::Changes() const {
  std::vector<std::string> changes;
  changes.reserve(effects.contacts.size());
  for (const ContactRecord& record : effects.contacts) {
    changes.push_back(topology.offers[record.contact.offer.value()].id + " " + std::string(StatusName(record.contact.status)));
  }
  return changes;
}

namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

const EngineTime kNight = At("2026-03-02T22:00:00Z");
const EngineTime kMorning = At("2026-03-03T08:00:00Z");
const EngineTime kNoon = At("2026-03-03T12:00:00Z");

topology::Cap Weekly() {
  topology::Cap cap;
  cap.id = "weekly";
  cap.over = days{7};
  return cap;
}

TEST(OutboundDecisionTest, SendsInTheSameStepWhatCanBeSaidNow) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  bench.Apply(a, kNoon);
  EXPECT_THAT(bench.Changes(), ElementsAre("a planned", "a sent"));
  ASSERT_EQ(bench.effects.outbound.size(), 1U);
  EXPECT_EQ(bench.effects.outbound[0].text, "about a");
  EXPECT_EQ(bench.effects.outbound[0].contact_id, bench.customer.contacts[0].id);
  ASSERT_EQ(bench.effects.decisions.size(), 1U);
  EXPECT_THAT(bench.effects.decisions[0].chosen, ElementsAre(bench.customer.contacts[0].id));
}

TEST(OutboundDecisionTest, WaitsForOpeningHoursAndSendsThen) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  bench.OpenDaily("08:00-20:00");
  bench.Apply(a, kNight);
  EXPECT_THAT(bench.Changes(), ElementsAre("a planned"));
  EXPECT_EQ(bench.customer.contacts[0].due, kMorning);
  bench.AdvanceTo(kMorning - Milliseconds{1});
  EXPECT_THAT(bench.Changes(), IsEmpty());
  bench.AdvanceTo(kMorning);
  EXPECT_THAT(bench.Changes(), ElementsAre("a sent"));
  EXPECT_EQ(bench.customer.contacts[0].counted, kMorning);
}

TEST(OutboundDecisionTest, TheBetterOneSpeaksNotTheFirst) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  const auto b = bench.AddTriggeredOffer("b", 2);
  bench.topology.caps.push_back(Weekly());
  bench.OpenDaily("08:00-20:00");
  bench.Apply(a, kNight);
  bench.Apply(b, kNight + hours{1});  // the cap is full with the plan of a
  EXPECT_THAT(bench.Changes(), IsEmpty());
  EXPECT_EQ(bench.effects.decisions[0].silence_stage, Stage::kCap);
  EXPECT_EQ(bench.effects.decisions[0].silence_rule, "weekly");
  bench.AdvanceTo(kMorning);
  EXPECT_THAT(bench.Changes(), ElementsAre("a cancelled", "b planned", "b sent"));
  EXPECT_EQ(bench.effects.contacts[0].reason, "outranked");
}

TEST(OutboundDecisionTest, AServiceContactThatWaitedDoesNotCompeteWithASale) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  const auto b = bench.AddTriggeredOffer("b", 1000);
  bench.topology.offers[a.value()].contact_class = state::ContactClass::kService;
  bench.topology.caps.push_back(Weekly());
  bench.topology.classes[static_cast<std::size_t>(state::ContactClass::kService)].caps = false;
  bench.AddToLedger(state::ContactStatus::kSent, kNight - hours{1});  // the week is taken: the sale stays an open moment
  bench.customer.contacts.back().offer = b;
  bench.topology.remember = days{60};
  bench.OpenDaily("08:00-20:00");
  bench.Apply(a, kNight);
  bench.Apply(b, kNight + hours{1});
  bench.customer.contacts.erase(bench.customer.contacts.begin());  // and is free by the morning
  bench.AdvanceTo(kMorning);
  EXPECT_THAT(bench.Changes(), ElementsAre("a sent"));
}

TEST(OutboundDecisionTest, WhenDueSendDoesNotDecideAgain) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  const auto b = bench.AddTriggeredOffer("b", 2);
  bench.topology.channels[0].when_due = topology::WhenDue::kSend;
  bench.topology.caps.push_back(Weekly());
  bench.OpenDaily("08:00-20:00");
  bench.Apply(a, kNight);
  bench.Apply(b, kNight + hours{1});
  bench.AdvanceTo(kMorning);
  EXPECT_THAT(bench.Changes(), ElementsAre("a sent"));
}

TEST(OutboundDecisionTest, PausedWhileItWaitsIsCancelledWhenDue) {
  for (const topology::WhenDue when_due : {topology::WhenDue::kSend, topology::WhenDue::kDecideAgain}) {
    EngineBench bench;
    const auto a = bench.AddTriggeredOffer("a", 1);
    bench.topology.channels[0].when_due = when_due;
    bench.OpenDaily("08:00-20:00");
    bench.Apply(a, kNight);
    Engine(bench.topology)
        .ApplyControl(bench.partition, {.kind = Control::Kind::kPause, .paused = state::PausedKind::kOffer, .what = a.value()});
    bench.AdvanceTo(kMorning);
    EXPECT_THAT(bench.Changes(), ElementsAre("a cancelled"));
    EXPECT_EQ(bench.effects.contacts[0].reason, "paused:offer");
  }
}

TEST(OutboundDecisionTest, APlanExpiresWithItsMoment) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  bench.topology.triggers[0].expires_after = hours{4};
  bench.OpenDaily("08:00-20:00");
  bench.Apply(a, kNight);  // the morning is ten hours away
  EXPECT_THAT(bench.Changes(), IsEmpty());
  EXPECT_EQ(bench.effects.decisions[0].silence_stage, Stage::kSchedule);
  EXPECT_EQ(bench.effects.decisions[0].silence_rule, "moment_expires");
  bench.AdvanceTo(kNight + hours{4});
  EXPECT_THAT(bench.customer.moments, IsEmpty());
  EXPECT_EQ(bench.effects.counters[static_cast<std::size_t>(Counter::kMomentsExpired)], 1U);
}

TEST(OutboundDecisionTest, AMomentThatRetriesIsDecidedWhenTheCapOpens) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  const auto b = bench.AddTriggeredOffer("b", 1);
  bench.topology.triggers[b.value()].expires_after = days{30};
  bench.topology.triggers[b.value()].retry_when_open = true;
  bench.topology.caps.push_back(Weekly());
  bench.Apply(a, kNoon);
  bench.Apply(b, kNoon + days{1});
  EXPECT_THAT(bench.Changes(), IsEmpty());
  bench.AdvanceTo(kNoon + days{7});
  EXPECT_THAT(bench.Changes(), ElementsAre("b planned", "b sent"));
  EXPECT_EQ(bench.effects.decisions.back().cause.kind, CauseKind::kRetry);
  EXPECT_EQ(bench.effects.contacts[0].time, kNoon + days{7});
}

TEST(OutboundDecisionTest, OpenMomentsOfATriggerAreBounded) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  bench.topology.caps.push_back(Weekly());
  for (int i = 0; i < 100; ++i) bench.Apply(a, kNoon + Milliseconds{i});
  EXPECT_EQ(bench.customer.moments.size(), 65U);  // 64 silent ones, and the first, which was said
  EXPECT_EQ(bench.customer.moments.back().number, 100U);
  EXPECT_EQ(bench.effects.counters[static_cast<std::size_t>(Counter::kMomentsCrowdedOut)], 1U);
  bench.AdvanceTo(kNoon + days{4});
  EXPECT_THAT(bench.customer.moments, IsEmpty());
  EXPECT_EQ(bench.effects.counters[static_cast<std::size_t>(Counter::kMomentsExpired)], 64U);
}

// As when one event completes many matches of a pattern.
TEST(OutboundDecisionTest, EveryMomentOfAStepIsDecidedBeforeTheOldestEndEarly) {
  for (const topology::MomentOrder order : {topology::MomentOrder::kTogether, topology::MomentOrder::kInOrder}) {
    EngineBench bench;
    const auto a = bench.AddTriggeredOffer("a", 1);
    bench.topology.moments = order;
    auto& plan = bench.topology.event_plans[0].event_triggers;
    plan.assign(70, plan.front());
    bench.topology.caps.push_back(Weekly());
    bench.Apply(a, kNoon);
    EXPECT_THAT(bench.Changes(), ElementsAre("a planned", "a sent"));
    std::size_t decided = 0;
    for (const DecisionRecord& decision : bench.effects.decisions) decided += decision.triggers.size();
    EXPECT_EQ(decided, 70U);
    EXPECT_EQ(bench.customer.moments.size(), 65U);
    EXPECT_EQ(bench.effects.counters[static_cast<std::size_t>(Counter::kMomentsCrowdedOut)], 5U);
  }
}

TEST(OutboundDecisionTest, AgainAfterHoldsAMomentBack) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  bench.topology.triggers[0].again_after = days{2};
  bench.Apply(a, kNoon);
  bench.Apply(a, kNoon + days{2} - Milliseconds{1});
  EXPECT_THAT(bench.effects.decisions, IsEmpty());
  EXPECT_EQ(bench.effects.counters[static_cast<std::size_t>(Counter::kMomentsHeldBack)], 1U);
  bench.Apply(a, kNoon + days{2});
  EXPECT_EQ(bench.effects.decisions.size(), 1U);
}

// After an outage the partition reads its backlog with the floor at wall time: nothing is sent, and what expired stays silent.
TEST(OutboundDecisionTest, NothingIsSentWhileThePartitionIsNotCurrent) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  const EngineTime wall = kNoon + hours{5};
  bench.Apply(a, {.now = kNoon, .floor = wall, .current = false});
  EXPECT_THAT(bench.Changes(), ElementsAre("a planned"));
  EXPECT_EQ(bench.customer.contacts[0].due, wall);
  EXPECT_THAT(bench.effects.outbound, IsEmpty());
  bench.AdvanceTo(wall);
  EXPECT_THAT(bench.Changes(), ElementsAre("a sent"));
}

TEST(OutboundDecisionTest, WhatFallsDueInABacklogMovesToTheFloorWithoutADecision) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  bench.OpenDaily("08:00-20:00");
  bench.Apply(a, kNight);
  bench.effects.Clear();
  const EngineTime wall = kMorning + hours{3};
  Engine(bench.topology)
      .FireTimer(bench.partition, bench.customer, {.now = kMorning, .floor = wall, .current = false}, *bench.scratch, bench.effects);
  EXPECT_THAT(bench.Changes(), ElementsAre("a planned"));
  EXPECT_EQ(bench.customer.contacts[0].due, wall);
  EXPECT_THAT(bench.effects.decisions, IsEmpty());
}

TEST(OutboundDecisionTest, AMomentThatExpiredBeforeTheFloorStaysSilentAndIsCounted) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  bench.Apply(a, {.now = kNoon, .floor = kNoon + hours{72}, .current = false});
  EXPECT_THAT(bench.effects.decisions, IsEmpty());
  EXPECT_EQ(bench.effects.counters[static_cast<std::size_t>(Counter::kMomentsExpiredUnseen)], 1U);
}

TEST(OutboundDecisionTest, TheUniversalHoldoutIsWithheldAndTakesItsPlace) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  const auto b = bench.AddTriggeredOffer("b", 1);
  bench.topology.universal_holdout = {.share_ppm = 1'000'000, .salt = "s"};
  bench.topology.caps.push_back(Weekly());
  bench.Apply(a, kNoon);
  EXPECT_EQ(bench.Changes().front(), "a withheld");
  EXPECT_THAT(bench.effects.outbound, IsEmpty());
  EXPECT_EQ(bench.effects.decisions[0].silence_stage, Stage::kHoldout);
  bench.Apply(b, kNoon + days{1});
  EXPECT_EQ(bench.effects.decisions[0].silence_stage, Stage::kCap);
}

TEST(OutboundDecisionTest, AControlGroupIsWithheldOnceAndTheNextCampaignGoesOn) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 2);
  const auto b = bench.AddTriggeredOffer("b", 1);
  topology::Campaign campaign;
  campaign.id = "c";
  campaign.control_share_ppm = 1'000'000;
  campaign.control_salt = "s";
  bench.topology.campaigns.push_back(campaign);
  bench.topology.offers[a.value()].campaign = state::CampaignId{0};
  bench.topology.triggers[0].offers = {a, b};
  bench.Apply(a, kNoon);
  EXPECT_THAT(bench.Changes(), ElementsAre("a withheld", "b planned", "b sent"));
}

TEST(OutboundDecisionTest, ServiceIsExemptFromTheHoldout) {
  EngineBench bench;
  const auto a = bench.AddTriggeredOffer("a", 1);
  bench.topology.universal_holdout = {.share_ppm = 1'000'000, .salt = "s"};
  bench.topology.offers[0].contact_class = state::ContactClass::kService;
  bench.topology.classes[static_cast<std::size_t>(state::ContactClass::kService)].holdout = false;
  bench.Apply(a, kNoon);
  EXPECT_THAT(bench.Changes(), ElementsAre("a planned", "a sent"));
}

TEST(OutboundDecisionTest, TheSameInputMakesTheSameIds) {
  EngineBench first;
  EngineBench second;
  const auto a = first.AddTriggeredOffer("a", 1);
  second.AddTriggeredOffer("a", 1);
  first.Apply(a, kNoon);
  second.Apply(a, kNoon);
  EXPECT_EQ(first.effects.decisions[0].id, second.effects.decisions[0].id);
  EXPECT_EQ(first.customer.contacts[0].id, second.customer.contacts[0].id);
}

}  // namespace
}  // namespace antiphon::decision
