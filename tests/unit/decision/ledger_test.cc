#include "engine/decision/ledger.h"

#include <array>

#include "engine/decision/words.h"
#include "tests/unit/decision/support.h"

namespace antiphon::decision {
namespace {

using state::Contact;
using state::ContactStatus;
using state::Direction;
using state::OfferId;

// The whole table of docs/contact-policy.md, "The ledger": from each status, what it may become.
TEST(LedgerTest, HasTheTableAndNothingElse) {
  using enum ContactStatus;
  const std::map<ContactStatus, std::vector<ContactStatus>> table{
      {kPlanned, {kPlanned, kSent, kCancelled, kExpired}},
      {kWithheld, {kWithheld, kCancelled, kExpired, kReleased}},
      {kProposed, {kPresented, kReleased}},
      {kReleased, {kPresented}},
      {kSent, {kFailed, kDelivered, kSeen, kClicked, kAccepted, kDeclined, kNoResponse}},
      {kPresented, {kFailed, kDelivered, kSeen, kClicked, kAccepted, kDeclined, kNoResponse}},
      {kDelivered, {kSeen, kClicked, kAccepted, kDeclined, kNoResponse}},
      {kSeen, {kClicked, kAccepted, kDeclined, kNoResponse}},
      {kClicked, {kAccepted, kDeclined, kNoResponse}},
      {kNoResponse, {kAccepted, kDeclined}},
  };
  for (int from = 1; from <= 15; ++from) {
    const auto status = static_cast<ContactStatus>(from);
    const auto row = table.find(status);
    for (int to = 1; to <= 15; ++to) {
      const auto next = static_cast<ContactStatus>(to);
      const bool allowed = row != table.end() && std::find(row->second.begin(), row->second.end(), next) != row->second.end();
      EXPECT_EQ(TransitionAllowed(status, next), allowed) << StatusName(status) << " to " << StatusName(next);
    }
  }
}

struct LedgerBench : Bench {
  LedgerBench() {
    AddChannel("sms");
    AddOffer("a");
    AddOffer("b");
    topology.remember = std::chrono::days{30};
  }

  std::uint32_t Add(EngineTime now, ContactStatus status, EngineTime due, OfferId offer = OfferId{0},
                    Direction direction = Direction::kOutbound) {
    Contact contact;
    contact.id = {.high = 2, .low = customer.contacts_made};
    contact.status = status;
    contact.direction = direction;
    contact.offer = offer;
    contact.channel = state::ChannelId{0};
    contact.counted = contact.due = due;
    contact.expires = kEngineTimeMax;
    Step step = StepAt(now);
    return AddContact(step, contact, "chosen");
  }

  [[nodiscard]] bool HasTimer(state::TimerKind kind, std::uint32_t number) const {
    return std::any_of(customer.timers.begin(), customer.timers.end(),
                       [=](const state::Timer& timer) { return timer.kind == kind && timer.reference == number; });
  }
};

TEST(LedgerTest, EveryChangeLeavesARecordWithItsOrdinal) {
  LedgerBench bench;
  const std::uint32_t number = bench.Add(Ms(0), ContactStatus::kPlanned, Ms(100));
  Step step = bench.StepAt(Ms(100));
  EXPECT_TRUE(MoveContact(step, number, ContactStatus::kSent, "due"));
  ASSERT_EQ(bench.effects.contacts.size(), 2U);
  EXPECT_EQ(bench.effects.contacts[1].previous, ContactStatus::kPlanned);
  EXPECT_EQ(bench.effects.contacts[1].contact.status, ContactStatus::kSent);
  EXPECT_EQ(bench.effects.contacts[1].ordinal, 2U);
  EXPECT_FALSE(bench.HasTimer(state::TimerKind::kContactDue, number));
}

TEST(LedgerTest, RefusesAndCountsWhatTheTableDoesNotHave) {
  LedgerBench bench;
  const std::uint32_t number = bench.Add(Ms(0), ContactStatus::kPlanned, Ms(100));
  Step step = bench.StepAt(Ms(1));
  EXPECT_FALSE(MoveContact(step, number, ContactStatus::kAccepted, "accepted"));
  EXPECT_EQ(FindContact(step, number)->status, ContactStatus::kPlanned);
  EXPECT_EQ(bench.effects.counters[static_cast<std::size_t>(Counter::kStatusChangesRefused)], 1U);
}

TEST(LedgerTest, AnOpenProposalHoldsThePlansOfItsOffer) {
  LedgerBench bench;
  const std::uint32_t plan = bench.Add(Ms(0), ContactStatus::kPlanned, Ms(100));
  const std::uint32_t other = bench.Add(Ms(0), ContactStatus::kPlanned, Ms(100), OfferId{1});
  const std::uint32_t proposal = bench.Add(Ms(10), ContactStatus::kProposed, Ms(10), OfferId{0}, Direction::kInbound);
  EXPECT_FALSE(bench.HasTimer(state::TimerKind::kContactDue, plan));
  EXPECT_TRUE(bench.HasTimer(state::TimerKind::kContactDue, other));
  Step step = bench.StepAt(Ms(200));  // past the plan's due
  EXPECT_TRUE(MoveContact(step, proposal, ContactStatus::kReleased, "interaction_ended"));
  EXPECT_TRUE(bench.HasTimer(state::TimerKind::kContactDue, plan));  // it is decided again; until then it keeps its place, unrecorded
  EXPECT_EQ(FindContact(step, plan)->due, Ms(100));
  EXPECT_EQ(bench.effects.contacts.back().contact.number, proposal);
}

TEST(LedgerTest, TheLastReleaseLetsAPlanGoOn) {
  LedgerBench bench;
  const std::uint32_t plan = bench.Add(Ms(0), ContactStatus::kPlanned, Ms(100));
  const std::uint32_t first = bench.Add(Ms(10), ContactStatus::kProposed, Ms(10), OfferId{0}, Direction::kInbound);
  const std::uint32_t second = bench.Add(Ms(20), ContactStatus::kProposed, Ms(20), OfferId{0}, Direction::kInbound);
  Step step = bench.StepAt(Ms(30));
  MoveContact(step, first, ContactStatus::kReleased, "interaction_ended");
  EXPECT_FALSE(bench.HasTimer(state::TimerKind::kContactDue, plan));
  MoveContact(step, second, ContactStatus::kReleased, "interaction_ended");
  EXPECT_TRUE(bench.HasTimer(state::TimerKind::kContactDue, plan));
  EXPECT_EQ(FindContact(step, plan)->due, Ms(100));
}

TEST(LedgerTest, PresentingTakesOverTheHeldPlan) {
  LedgerBench bench;
  const std::uint32_t plan = bench.Add(Ms(0), ContactStatus::kPlanned, Ms(100));
  const std::uint32_t proposal = bench.Add(Ms(10), ContactStatus::kProposed, Ms(10), OfferId{0}, Direction::kInbound);
  Step step = bench.StepAt(Ms(20));
  EXPECT_TRUE(MoveContact(step, proposal, ContactStatus::kPresented, "presented"));
  EXPECT_EQ(FindContact(step, plan)->status, ContactStatus::kCancelled);
  EXPECT_EQ(bench.effects.contacts.back().reason, "taken_over");
}

TEST(LedgerTest, ACooldownCancelsThePlansThatItForbidsInTheSameStep) {
  LedgerBench bench;
  topology::Cooldown cooldown;
  cooldown.id = "declined";
  cooldown.outcome = ContactStatus::kDeclined;
  cooldown.over = std::chrono::days{90};
  bench.topology.cooldowns.push_back(cooldown);
  const std::uint32_t plan = bench.Add(Ms(0), ContactStatus::kPlanned, Ms(100));
  const std::uint32_t other = bench.Add(Ms(0), ContactStatus::kPlanned, Ms(100), OfferId{1});
  const std::uint32_t said = bench.Add(Ms(0), ContactStatus::kSent, Ms(0));
  Step step = bench.StepAt(Ms(50));
  EXPECT_TRUE(MoveContact(step, said, ContactStatus::kDeclined, "declined", "declined"));
  EXPECT_EQ(FindContact(step, plan)->status, ContactStatus::kCancelled);
  EXPECT_EQ(FindContact(step, other)->status, ContactStatus::kPlanned);
}

TEST(LedgerTest, ForgetsClosedContactsBeyondItsReachButNothingOpen) {
  LedgerBench bench;
  const std::uint32_t closed = bench.Add(Ms(0), ContactStatus::kSent, Ms(0));
  const std::uint32_t open = bench.Add(Ms(0), ContactStatus::kPlanned, Ms(0) + std::chrono::days{100});
  bench.Add(Ms(1) + std::chrono::days{31}, ContactStatus::kSent, Ms(1) + std::chrono::days{31});
  Step step = bench.StepAt(Ms(0));
  EXPECT_EQ(FindContact(step, closed), nullptr);
  EXPECT_NE(FindContact(step, open), nullptr);
}

TEST(LedgerTest, WhatWasWithheldIsNeverPresentedAlsoOnceItIsReleased) {
  LedgerBench bench;
  const EngineTime now = At("2026-03-02T10:00:00Z");
  const std::uint32_t number = bench.Add(now, ContactStatus::kWithheld, now, OfferId{0}, Direction::kInbound);
  bench.customer.contacts.back().withholding = state::Withholding::kUniversalHoldout;
  Step step = bench.StepAt(now);
  ASSERT_TRUE(MoveContact(step, number, ContactStatus::kReleased, "interaction_ended"));
  EXPECT_FALSE(MoveContact(step, number, ContactStatus::kPresented, "accepted"));
  EXPECT_EQ(bench.customer.contacts.back().status, ContactStatus::kReleased);
  EXPECT_EQ(bench.effects.counters[static_cast<std::size_t>(Counter::kStatusChangesRefused)], 1U);
}

}  // namespace
}  // namespace antiphon::decision
