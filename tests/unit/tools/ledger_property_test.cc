#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/decision/words.h"
#include "engine/topology/topology_loader.h"
#include "services/formats/message_catalog.h"
#include "services/tools/scenario_run.h"
#include "tests/unit/tools/small_bank.h"

// What must hold of the records of any log: random logs over a topology in which everything happens at once.
namespace antiphon::tools {
namespace {

using decision::ContactRecord;
using decision::DecisionRecord;
using state::ContactStatus;

constexpr const char* kBusyBank = R"(antiphon: 1
name: busy
timezone: UTC
default_language: en
languages: [en]
envelope: {type: type, id: id, time: time, customer: customer_id, source: core}
placements: [screen]
events:
  go.a: {fields: {n: int}}
  go.b: {fields: {n: int}}
  go.c: {fields: {n: int}}
  customer.profile: {fields: {birth_date: date}}
  consent.changed: {acts_as: consent_changed, fields: {channel: string, purpose: string, granted: bool}}
  complaint.opened: {fields: {case_id: string}}
  complaint.closed: {fields: {case_id: string}}
  call.in: {acts_as: decision_requested, fields: {request_id: string, channel: string, placement: string, slots: int, interaction_id: string}}
  call.over: {acts_as: interaction_ended, fields: {interaction_id: string}}
  answer: {acts_as: contact_response, fields: {contact_id: string, code: string, reason: string, actor.kind: string, actor.id: string}}
  crm: {acts_as: contact_recorded, fields: {contact_id: string, channel: string, direction: string, status: string, class: string}}
customer:
  birth_date: birth_date
  fields: {birth_date: {type: date, from: {customer.profile: birth_date}}}
triggers:
  a: {about: a, on: go.a, expires_after: 6d, retry: when_open, offers: [loan, savings]}
  b: {about: b, on: go.b, expires_after: 3d, retry: when_open, offers: [savings, fund]}
  ab: {about: a then b, pattern: [a: {event: go.a}, b: {event: go.b}], within: 2d, after_match: no_skip, expires_after: 4d, retry: when_open, offers: [fund, card]}
  c_alone: {about: c and no a, pattern: [c: {event: go.c}, a: {event: go.a, contiguity: not_followed_by}], within: 36h, retry: when_open, offers: [card, help]}
  birthday: {about: every month, on_date: {field: customer.birth_date, every: month, at: "02:00"}, offers: [help, card]}
campaigns:
  credit: {about: c, owner: x, goal: cross-sell, control: {share: 20%, salt: c}}
offers:
  loan: {about: l, class: marketing, group: credit, campaign: credit, value: 50, treatments: &all {sms: {template: x}, email: {template: x}, branch: {script: x}}, request: {placements: [screen]}}
  card: {about: c, class: marketing, group: credit, campaign: credit, value: 40, treatments: *all, request: {placements: [screen]}}
  savings: {about: s, class: marketing, group: save, value: 45, treatments: *all, request: {placements: [screen]}}
  fund: {about: f, class: marketing, group: invest, value: 60, treatments: *all, request: {placements: [screen]}}
  help: {about: h, class: advice, group: help, value: 30, treatments: {email: {template: h}, branch: {script: h}}}
channels:
  sms: {about: s, direction: outbound, open: {every day: "08:00-20:00"}, address: by_channel, response_window: 2d}
  email: {about: e, direction: outbound, open: {every day: "06:00-23:00"}, address: by_channel, when_due: send}
  branch: {about: b, direction: inbound, address: by_channel, answer_valid_for: 30h}
consent: {marketing: {sms: opt_out, email: opt_in, branch: opt_out}}
contact_policy:
  caps: [{id: weekly, max: 2, over: 7d}]
  gaps: [{id: apart, min: 6h}]
  after: {declined: {suppress: group, over: 10d}, accepted: {suppress: everything, over: 3d}}
  exclusions: [{id: safe_or_risky, offers: [savings, fund], over: 4d}]
  suppressions:
    complaint: {open: complaint.opened, close: complaint.closed, case: event.case_id, then: {quiet: 2d}}
experiments: {universal_holdout: {share: 20%, salt: h}}
)";

class BusyFile final : public topology::SourceFiles {
 public:
  [[nodiscard]] std::optional<std::string> Read(std::string_view path) const override {
    return path == "topology.yaml" ? std::optional<std::string>(kBusyBank) : std::nullopt;
  }
  [[nodiscard]] std::vector<std::string> List() const override { return {"topology.yaml"}; }
};

const topology::Topology& BusyBank() {
  static const auto kBank = [] {
    const topology::LoadOutcome outcome = topology::LoadTopology(BusyFile(), formats::ProtoMessageCatalog());
    if (outcome.topology == nullptr) ADD_FAILURE() << Lines(outcome.diagnostics);
    return outcome.topology;
  }();
  return *kBank;
}

std::uint32_t Below(std::uint32_t bound) { return *rc::gen::inRange<std::uint32_t>(0, bound); }

std::string OneOf(std::initializer_list<const char*> words) {
  return *(words.begin() + static_cast<std::ptrdiff_t>(Below(static_cast<std::uint32_t>(words.size()))));
}

std::string Quoted(const std::string& text) { return '"' + text + '"'; }

GivenEvent Event(const std::string& type, EngineTime time, const std::string& customer) {
  GivenEvent event;
  event.type = type;
  event.time = time;
  event.customer = customer;
  const auto& types = BusyBank().event_types;
  const auto found = std::ranges::find(types, type, &topology::EventType::name);
  event.event_type = static_cast<std::uint16_t>(found - types.begin());
  return event;
}

// The fields of an event of a random kind. Few values each, so that things meet.
GivenEvent AnyEvent(EngineTime time, const std::string& customer) {
  const std::string interaction = Quoted("I" + std::to_string(Below(4)));
  switch (Below(12)) {
    case 0: {
      GivenEvent event = Event("consent.changed", time, customer);
      event.fields = {{{"channel"}, Quoted(OneOf({"all", "sms", "email"}))},
                      {{"purpose"}, Quoted("marketing")},
                      {{"granted"}, OneOf({"true", "true", "false"})}};
      return event;
    }
    case 1: {
      GivenEvent event = Event(OneOf({"complaint.opened", "complaint.closed"}), time, customer);
      event.fields = {{{"case_id"}, Quoted("K")}};
      return event;
    }
    case 2:
    case 3: {
      GivenEvent event = Event("call.in", time, customer);
      event.fields = {{{"request_id"}, Quoted(OneOf({"R1", "R2"}))},
                      {{"channel"}, Quoted("branch")},
                      {{"placement"}, Quoted("screen")},
                      {{"slots"}, std::to_string(Below(4))}};
      if (Below(4) > 0) event.fields.push_back({{"interaction_id"}, interaction});
      return event;
    }
    case 4: {
      GivenEvent event = Event("call.over", time, customer);
      event.fields = {{{"interaction_id"}, interaction}};
      return event;
    }
    case 5:
    case 6: {
      GivenEvent event = Event("answer", time, customer);
      event.contact.emplace();
      if (Below(2) == 0) event.contact->channel = OneOf({"sms", "email", "branch"});
      event.contact_path = {"contact_id"};
      event.fields = {{{"code"}, Quoted(OneOf({"delivered", "presented", "released", "accepted", "declined", "failed", "opt_out"}))}};
      return event;
    }
    case 7: {
      GivenEvent event = Event("crm", time, customer);
      event.fields = {{{"contact_id"}, Quoted("F" + std::to_string(Below(9)))},
                      {{"channel"}, Quoted("sms")},
                      {{"direction"}, Quoted("outbound")},
                      {{"status"}, Quoted(OneOf({"sent", "failed"}))},
                      {{"class"}, Quoted("marketing")}};
      return event;
    }
    case 8: {
      GivenEvent event = Event("customer.profile", time, customer);
      event.fields = {{{"birth_date"}, Quoted("1980-05-0" + std::to_string(1 + Below(9)))}};
      return event;
    }
    default: {
      GivenEvent event = Event(OneOf({"go.a", "go.b", "go.c"}), time, customer);
      event.fields = {{{"n"}, "1"}};
      return event;
    }
  }
}

// Some weeks of some customers. Times are often equal, and on the hour, where much is due.
Scenario AnyLog() {
  Scenario scenario;
  EngineTime time = ParseTime("2026-03-02T07:00:00Z").value();
  for (std::uint32_t events = 1 + Below(80); events > 0; --events) {
    time += std::chrono::hours{Below(2) == 0 ? 0 : Below(20)} + Milliseconds{Below(8) == 0 ? 1 : 0};
    scenario.given.push_back(AnyEvent(time, "C" + std::to_string(Below(3))));
  }
  scenario.until = time + std::chrono::days{Below(20)};
  return scenario;
}

TEST(LedgerPropertyTest, NoTwoDecisionsOrContactsHaveOneId) {
  EXPECT_TRUE(rc::check([] {
    const ScenarioRun run = RunScenario(BusyBank(), AnyLog());
    std::set<std::string> decisions;
    for (const DecisionRecord& decision : run.decisions) RC_ASSERT(decisions.insert(ToHex(decision.id)).second);
    std::set<std::string> contacts;
    for (const ContactRecord& record : run.contacts) {
      // Another system may report again what was forgotten here.
      if (record.previous != ContactStatus::kNone || !record.contact.foreign_id.empty()) continue;
      RC_ASSERT(contacts.insert(ToHex(record.contact.id)).second);
    }
  }));
}

// The response of agent A7 to the customer's newest contact on a channel.
GivenEvent AnswerOfAgent(EngineTime time, const std::string& channel, const std::string& code) {
  GivenEvent event = Event("answer", time, "C1");
  event.contact.emplace();
  event.contact->channel = channel;
  event.contact_path = {"contact_id"};
  event.fields = {{{"code"}, Quoted(code)},
                  {{"reason"}, Quoted("he asked for it")},
                  {{"actor", "kind"}, Quoted("agent")},
                  {{"actor", "id"}, Quoted("A7")}};
  return event;
}

TEST(LedgerTest, OfARefusedResponseNothingStays) {
  const EngineTime night = ParseTime("2026-03-02T07:00:00Z").value();
  Scenario scenario;
  scenario.given = {Event("go.a", night, "C1"), AnswerOfAgent(night + std::chrono::minutes{30}, "sms", "accepted")};
  scenario.until = night + std::chrono::hours{2};
  const topology::Topology bank = WithoutExperiments(BusyBank());
  const ScenarioRun run = RunScenario(bank, scenario);
  ASSERT_EQ(run.contacts.size(), 2U);
  EXPECT_EQ(run.contacts[1].contact.status, ContactStatus::kSent);
  for (const ContactRecord& record : run.contacts) {
    EXPECT_EQ(record.contact.actor, state::Actor{});
    EXPECT_EQ(record.note, "");
  }
}

TEST(LedgerTest, TheAgentsOwnWordsStandInTheRecordOfHisChoice) {
  const EngineTime morning = ParseTime("2026-03-02T09:00:00Z").value();
  Scenario scenario;
  GivenEvent request = Event("call.in", morning, "C1");
  request.fields = {
      {{"channel"}, Quoted("branch")}, {{"placement"}, Quoted("screen")}, {{"slots"}, "2"}, {{"interaction_id"}, Quoted("I1")}};
  scenario.given = {request, AnswerOfAgent(morning + std::chrono::minutes{1}, "branch", "accepted")};
  const topology::Topology bank = WithoutExperiments(BusyBank());
  const ScenarioRun run = RunScenario(bank, scenario);
  std::vector<std::string> noted;
  for (const ContactRecord& record : run.contacts) {
    if (!record.note.empty()) noted.push_back(std::string(decision::StatusName(record.contact.status)) + ": " + record.note);
  }
  EXPECT_EQ(noted, (std::vector<std::string>{"presented: he asked for it", "accepted: he asked for it"}));
}

TEST(LedgerPropertyTest, ADecisionChoosesOrSaysWhyNot) {
  EXPECT_TRUE(rc::check([] {
    const ScenarioRun run = RunScenario(BusyBank(), AnyLog());
    for (const DecisionRecord& decision : run.decisions) {
      const auto chosen = std::ranges::count(decision.candidates, decision::Stage::kChosen, &decision::CandidateRecord::stage);
      RC_ASSERT(static_cast<std::size_t>(chosen) == decision.chosen.size());
      RC_ASSERT(decision.chosen.empty() == (decision.silence_stage != decision::Stage::kChosen));
    }
  }));
}

TEST(LedgerPropertyTest, WhatIsWithheldIsNeverSaid) {
  EXPECT_TRUE(rc::check([] {
    const ScenarioRun run = RunScenario(BusyBank(), AnyLog());
    for (const ContactRecord& record : run.contacts) {
      if (record.contact.withholding == state::Withholding::kNone) continue;
      const ContactStatus status = record.contact.status;
      RC_ASSERT(status == ContactStatus::kWithheld || status == ContactStatus::kCancelled || status == ContactStatus::kExpired ||
                status == ContactStatus::kReleased);
    }
  }));
}

TEST(LedgerPropertyTest, ALogOfBackfillSaysNothing) {
  EXPECT_TRUE(rc::check([] {
    Scenario scenario = AnyLog();
    for (GivenEvent& event : scenario.given) event.backfill = true;
    scenario.until.reset();
    const ScenarioRun run = RunScenario(BusyBank(), scenario);
    RC_ASSERT(run.decisions.empty());
    RC_ASSERT(run.outbound.empty());
    for (const ContactRecord& record : run.contacts) RC_ASSERT(!record.contact.foreign_id.empty());
  }));
}

// The cap of the busy bank, two outbound sales in 7 days, and its gap of 6 hours, by the records alone.
TEST(LedgerPropertyTest, NoRecordOfOursBreaksTheCapOrTheGap) {
  EXPECT_TRUE(rc::check([] {
    const ScenarioRun run = RunScenario(BusyBank(), AnyLog());
    std::map<std::string, std::map<std::uint32_t, const ContactRecord*>> ledgers;
    for (const ContactRecord& record : run.contacts) {
      auto& ledger = ledgers[record.customer];
      const ContactRecord* before = std::exchange(ledger[record.contact.number], &record);
      const state::Contact& changed = record.contact;
      const bool ours = changed.foreign_id.empty() && changed.direction == state::Direction::kOutbound && state::TakesPlace(changed);
      // Notes of what happened to it later ask for no place.
      const bool placed = before == nullptr || before->contact.counted != changed.counted;
      if (!ours || !placed) continue;
      std::vector<EngineTime> times;
      for (const auto& [number, other] : ledger) {
        const state::Contact& contact = other->contact;
        if (contact.direction != state::Direction::kOutbound || !state::TakesPlace(contact)) continue;
        times.push_back(contact.counted);
        if (number != changed.number) RC_ASSERT(std::chrono::abs(contact.counted - changed.counted) >= std::chrono::hours{6});
      }
      for (const EngineTime end : times) {
        if (end < changed.counted || end - std::chrono::days{7} >= changed.counted) continue;
        const auto inside =
            std::ranges::count_if(times, [end](EngineTime time) { return time <= end && time > end - std::chrono::days{7}; });
        RC_ASSERT(inside <= 2);
      }
    }
  }));
}

}  // namespace
}  // namespace antiphon::tools
