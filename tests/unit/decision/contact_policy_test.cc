#include "engine/decision/contact_policy.h"

#include <rapidcheck.h>

#include <algorithm>

#include "tests/unit/decision/support.h"

namespace antiphon::decision {
namespace {

using state::ContactStatus;
using state::Direction;
using state::OfferId;

topology::Cap Rolling(std::uint32_t max, Milliseconds over) {
  topology::Cap cap;
  cap.id = "cap";
  cap.max = max;
  cap.over = over;
  return cap;
}

Bench BenchWith(topology::Cap cap) {
  Bench bench;
  bench.AddChannel("sms");
  bench.AddOffer("a");
  bench.AddOffer("b");
  bench.topology.caps.push_back(std::move(cap));
  return bench;
}

PlaceQuestion Asking(EngineTime when, OfferId offer = OfferId{0}) {
  return {.saying = {.offer = offer, .channel = state::ChannelId{0}}, .when = when, .free = {}};
}

TEST(ContactPolicyTest, RejectsTheSecondContactInAWeek) {
  Bench bench = BenchWith(Rolling(1, std::chrono::days{7}));
  bench.AddToLedger(ContactStatus::kSent, Ms(0));
  const Step step = bench.StepAt(Ms(0));
  const EngineTime week = Ms(0) + std::chrono::days{7};
  EXPECT_TRUE(CapReached(step, Asking(week - Milliseconds{1})));
  EXPECT_EQ(CapReached(step, Asking(week - Milliseconds{1})).until, week);
  EXPECT_FALSE(CapReached(step, Asking(week)));  // half-open: exactly seven days later is another window
}

TEST(ContactPolicyTest, WhatIsPlannedForTomorrowCountsForToday) {
  Bench bench = BenchWith(Rolling(1, std::chrono::days{7}));
  bench.AddToLedger(ContactStatus::kPlanned, Ms(0) + std::chrono::days{1});
  EXPECT_TRUE(CapReached(bench.StepAt(Ms(0)), Asking(Ms(0))));
}

TEST(ContactPolicyTest, CancelledFailedReleasedAndExpiredGiveTheirPlacesBack) {
  for (const ContactStatus status :
       {ContactStatus::kCancelled, ContactStatus::kFailed, ContactStatus::kReleased, ContactStatus::kExpired}) {
    Bench bench = BenchWith(Rolling(1, std::chrono::days{7}));
    bench.AddToLedger(status, Ms(0));
    EXPECT_FALSE(CapReached(bench.StepAt(Ms(1)), Asking(Ms(1))));
  }
}

TEST(ContactPolicyTest, CountFailedKeepsThePlaceOfAFailedContact) {
  topology::Cap cap = Rolling(1, std::chrono::days{7});
  cap.count_failed = true;
  Bench bench = BenchWith(std::move(cap));
  bench.AddToLedger(ContactStatus::kFailed, Ms(0));
  EXPECT_TRUE(CapReached(bench.StepAt(Ms(1)), Asking(Ms(1))));
}

TEST(ContactPolicyTest, TheUniversalHoldoutTakesPlacesAControlGroupDoesNot) {
  Bench bench = BenchWith(Rolling(1, std::chrono::days{7}));
  bench.AddToLedger(ContactStatus::kWithheld, Ms(0)).withholding = state::Withholding::kControl;
  EXPECT_FALSE(CapReached(bench.StepAt(Ms(1)), Asking(Ms(1))));
  bench.customer.contacts.back().withholding = state::Withholding::kUniversalHoldout;
  EXPECT_TRUE(CapReached(bench.StepAt(Ms(1)), Asking(Ms(1))));
}

TEST(ContactPolicyTest, ServiceTakesNoPlaceAndIsNotLimited) {
  Bench bench = BenchWith(Rolling(1, std::chrono::days{7}));
  bench.topology.classes[static_cast<std::size_t>(state::ContactClass::kService)].caps = false;
  bench.AddToLedger(ContactStatus::kSent, Ms(0)).contact_class = state::ContactClass::kService;
  EXPECT_FALSE(CapReached(bench.StepAt(Ms(1)), Asking(Ms(1))));
  bench.AddToLedger(ContactStatus::kSent, Ms(0));
  PlaceQuestion service = Asking(Ms(1));
  service.saying.contact_class = state::ContactClass::kService;
  EXPECT_FALSE(CapReached(bench.StepAt(Ms(1)), service));
}

TEST(ContactPolicyTest, AHeldPlanAndItsProposalCountOnce) {
  topology::Cap cap = Rolling(2, std::chrono::days{7});
  cap.counts = topology::kOutboundBit | topology::kInboundBit;
  Bench bench = BenchWith(std::move(cap));
  bench.AddToLedger(ContactStatus::kPlanned, Ms(10));
  bench.AddToLedger(ContactStatus::kProposed, Ms(0), OfferId{0}, Direction::kInbound);
  EXPECT_FALSE(CapReached(bench.StepAt(Ms(0)), Asking(Ms(5), OfferId{1})));
  bench.AddToLedger(ContactStatus::kProposed, Ms(0), OfferId{1}, Direction::kInbound);  // without a plan: a place of its own
  EXPECT_TRUE(CapReached(bench.StepAt(Ms(0)), Asking(Ms(5), OfferId{1})));
}

TEST(ContactPolicyTest, AHeldPlanCountsOnceWithOneProposalAndNotWithEachOfThem) {
  topology::Cap cap = Rolling(2, std::chrono::days{7});
  cap.counts = topology::kOutboundBit | topology::kInboundBit;
  Bench bench = BenchWith(std::move(cap));
  bench.AddToLedger(ContactStatus::kPlanned, Ms(10));
  for (int interaction = 0; interaction < 2; ++interaction) {
    EXPECT_FALSE(CapReached(bench.StepAt(Ms(0)), Asking(Ms(5), OfferId{1})));
    bench.AddToLedger(ContactStatus::kProposed, Ms(0), OfferId{0}, Direction::kInbound);
  }
  EXPECT_TRUE(CapReached(bench.StepAt(Ms(0)), Asking(Ms(5), OfferId{1})));
}

TEST(ContactPolicyTest, CalendarCapsRenewWithThePeriod) {
  topology::Cap cap;
  cap.id = "monthly";
  cap.max = 1;
  cap.calendar_period = calendar::PeriodGrid(calendar::Zone(), calendar::CalendarPeriod::kMonth);
  Bench bench = BenchWith(std::move(cap));
  bench.AddToLedger(ContactStatus::kSent, At("2026-03-01T00:00:00Z"));
  const Step step = bench.StepAt(At("2026-03-02T00:00:00Z"));
  EXPECT_TRUE(CapReached(step, Asking(At("2026-03-31T23:59:59.999Z"))));
  EXPECT_FALSE(CapReached(step, Asking(At("2026-04-01T00:00:00Z"))));
  EXPECT_FALSE(CapReached(step, Asking(At("2026-02-28T23:59:59.999Z"))));
}

TEST(ContactPolicyTest, AGapHoldsOnBothSides) {
  Bench bench;
  bench.AddChannel("sms");
  bench.AddOffer("a");
  topology::Gap gap;
  gap.id = "day";
  gap.min = std::chrono::hours{24};
  bench.topology.gaps.push_back(gap);
  bench.AddToLedger(ContactStatus::kPlanned, Ms(0) + std::chrono::days{2});
  const Step step = bench.StepAt(Ms(0));
  EXPECT_FALSE(TooCloseBy(step, Asking(Ms(0) + std::chrono::days{1})));
  EXPECT_TRUE(TooCloseBy(step, Asking(Ms(1) + std::chrono::days{1})));
  EXPECT_TRUE(TooCloseBy(step, Asking(Ms(-1) + std::chrono::days{3})));
  EXPECT_FALSE(TooCloseBy(step, Asking(Ms(0) + std::chrono::days{3})));
}

TEST(ContactPolicyTest, AnExclusionKeepsOtherOffersOfTheSetAway) {
  Bench bench;
  bench.AddChannel("sms");
  bench.AddOffer("a");
  bench.AddOffer("b");
  bench.AddOffer("c");
  topology::Exclusion exclusion;
  exclusion.id = "either";
  exclusion.offers = {true, true, false};
  exclusion.over = std::chrono::days{30};
  bench.topology.exclusions.push_back(exclusion);
  bench.AddToLedger(ContactStatus::kSent, Ms(0), OfferId{0});
  const Step step = bench.StepAt(Ms(1));
  EXPECT_FALSE(ExcludedBy(step, Asking(Ms(1), OfferId{0})));
  EXPECT_TRUE(ExcludedBy(step, Asking(Ms(1), OfferId{1})));
  EXPECT_FALSE(ExcludedBy(step, Asking(Ms(1), OfferId{2})));
  EXPECT_FALSE(ExcludedBy(step, Asking(Ms(0) + std::chrono::days{30}, OfferId{1})));
}

// Against counting each window by each millisecond, in a small world.
TEST(ContactPolicyTest, AgreesWithCountingEveryWindow) {
  EXPECT_TRUE(rc::check("no window that contains the place holds more than the cap says", [] {
    constexpr std::int64_t kWorld = 60;
    const auto over = *rc::gen::inRange<std::int64_t>(1, 20);
    const auto max = *rc::gen::inRange<std::uint32_t>(1, 4);
    Bench bench = BenchWith(Rolling(max, Milliseconds{over}));
    const auto times = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, kWorld));
    for (const std::int64_t time : times) bench.AddToLedger(ContactStatus::kSent, Ms(time));
    const auto when = *rc::gen::inRange<std::int64_t>(0, kWorld);
    std::int64_t most = 0;
    for (std::int64_t end = when; end < when + over; ++end) {
      most = std::max(most, static_cast<std::int64_t>(std::count_if(
                                times.begin(), times.end(), [end, over](std::int64_t time) { return time > end - over && time <= end; })));
    }
    const Step step = bench.StepAt(Ms(0));
    RC_ASSERT(MostInAnyWindow(step, bench.topology.caps.front(), Asking(Ms(when))) == most);
    RC_ASSERT(static_cast<bool>(CapReached(step, Asking(Ms(when)))) == (most + 1 > max));
  }));
}

}  // namespace
}  // namespace antiphon::decision
