#include <gtest/gtest.h>

#include "tests/unit/topology/topology_support.h"

// Channels, consent, contact policy and experiments.
namespace antiphon::topology {
namespace {

using state::ContactClass;
using state::ContactStatus;

constexpr const char* kPolicy = R"(
campaigns: {spring: {from: 2026-03-01, until: 2026-06-01T00:00:00Z, goal: grow, control: {share: 10%, salt: s}}}
features: {balance: {on: transaction.posted, last: event.amount}}
offers:
  a: {group: credit, product: loan, treatments: {sms: {template: x}}}
  b: {group: credit, class: service, treatments: {sms: {template: x}}}
  c: {campaign: spring, treatments: {call: {template: x}}}
triggers:
  t: {on: web.page_viewed, offers: [a, b, c]}
  s: {on: web.page_viewed, offers: [b], campaign: spring}
channels:
  call:
    direction: both
    open: {mon-fri: "09:30-11:30,13:30-16:30"}
    holidays: {country: cz, add: [2026-12-23]}
    response_window: 3d
    when_due: send
    answer_valid_for: 1h
    responses: {busy: failed, stop: {status: declined, opt_out: everywhere}, wrong_number: {status: failed, bad_address: true}}
consent:
  advice: {sms: opt_out, default: unknown_is_yes}
classes: {advice: {consent: advice}, service: {caps: true}}
contact_policy:
  caps:
    - {id: weekly, max: 1, over: 7d}
    - {id: any_side, max: 2, per: calendar month, group: credit, product: loan, counts: [outbound, inbound], limits: outbound}
    - {id: spring, max: 2, over: 14d, campaign: spring, channel: [sms, call], class: marketing, count_failed: true}
  gaps: [{id: day, min: 1d}]
  after:
    declined: {suppress: offer, over: 90d}
    stop: [{suppress: everything, over: 30d}, {suppress: channel, over: 60d, channel: call}]
  exclusions: [{id: either, offers: [a], groups: [credit], over: 5d}]
  suppressions:
    complaint: {open: complaint.opened, close: complaint.closed, case: event.case_id, then: {quiet: 14d}, scope: {class: [marketing, advice]}}
experiments: {universal_holdout: {share: 5%, salt: h1}}
duplicates: {ids: 8, horizon: 1d}
)";

class PolicyTest : public testing::Test {
 protected:
  void SetUp() override {
    LoadOutcome outcome = LoadWith(kPolicy);
    ASSERT_NE(outcome.topology, nullptr) << Lines(outcome.diagnostics);
    topology_ = outcome.topology;
  }
  const ClassRules& Rules(ContactClass contact_class) { return topology_->classes[static_cast<std::size_t>(contact_class)]; }

  std::shared_ptr<const Topology> topology_;
};

TEST_F(PolicyTest, ChannelsKnowTheirHoursAndCodes) {
  const Channel& call = topology_->channels[*FindById(topology_->channels, "call")];
  EXPECT_TRUE(call.outbound && call.inbound);
  EXPECT_TRUE(call.open.has_value() && call.holidays.has_value());
  EXPECT_EQ(call.when_due, WhenDue::kSend);
  EXPECT_EQ(call.answer_valid_for, std::chrono::hours{1});
  const auto code = [&](const char* name) -> const ResponseCode& { return *std::ranges::find(call.responses, name, &ResponseCode::code); };
  EXPECT_EQ(code("busy").moves_to, ContactStatus::kFailed);
  EXPECT_TRUE(code("stop").opt_out && code("stop").opt_out_everywhere);
  EXPECT_TRUE(code("wrong_number").bad_address);
  EXPECT_EQ(code("accepted").moves_to, ContactStatus::kAccepted);
  EXPECT_TRUE(std::ranges::is_sorted(call.responses, {}, &ResponseCode::code));
  const Channel& sms = topology_->channels[*FindById(topology_->channels, "sms")];
  EXPECT_FALSE(sms.address.by_channel);
  EXPECT_EQ(topology_->contact_points[sms.address.point.value()], "phone");
}

TEST_F(PolicyTest, ClassesObeyWhatTheTableSays) {
  EXPECT_EQ(topology_->purposes[Rules(ContactClass::kMarketing).consent->value()].id, "marketing");
  EXPECT_EQ(topology_->purposes[Rules(ContactClass::kAdvice).consent->value()].id, "advice");
  EXPECT_FALSE(Rules(ContactClass::kService).consent.has_value());
  EXPECT_TRUE(Rules(ContactClass::kService).caps);  // as the topology says
  EXPECT_FALSE(Rules(ContactClass::kMandatory).caps);
  EXPECT_FALSE(Rules(ContactClass::kMandatory).holdout);
}

TEST_F(PolicyTest, ConsentHasADefaultForEachChannel) {
  const auto purpose = [&](const char* id) -> const ConsentPurpose& { return topology_->purposes[*FindById(topology_->purposes, id)]; };
  const auto sms = *FindById(topology_->channels, "sms");
  const auto call = *FindById(topology_->channels, "call");
  EXPECT_EQ(purpose("marketing").by_channel[sms], ConsentDefault::kNo);
  EXPECT_EQ(purpose("marketing").by_channel[call], ConsentDefault::kNo);
  EXPECT_EQ(purpose("advice").by_channel[sms], ConsentDefault::kYes);
  EXPECT_EQ(purpose("advice").by_channel[call], ConsentDefault::kYes);
  EXPECT_TRUE(topology_->profiling.has_value());
}

TEST_F(PolicyTest, CapsCountAndLimitOutboundUnlessTheySayMore) {
  ASSERT_EQ(topology_->caps.size(), 3U);
  EXPECT_EQ(topology_->caps[0].id, "weekly");
  EXPECT_EQ(topology_->caps[0].counts, kOutboundBit);
  EXPECT_EQ(topology_->caps[0].limits, kOutboundBit);
  EXPECT_EQ(topology_->caps[1].counts, kOutboundBit | kInboundBit);
  EXPECT_EQ(topology_->caps[1].limits, kOutboundBit);
  EXPECT_TRUE(topology_->caps[1].calendar_period.has_value());
  EXPECT_TRUE(topology_->caps[2].count_failed);
}

TEST_F(PolicyTest, FiltersNarrowEachOtherDown) {
  const auto id = [&](const char* offer) { return state::OfferId{*FindById(topology_->offers, offer)}; };
  const state::ChannelId sms{*FindById(topology_->channels, "sms")};
  const state::ChannelId branch{*FindById(topology_->channels, "branch")};
  const ContactFilter& credit_loans = topology_->caps[1].filter;
  EXPECT_TRUE(credit_loans.Fits(ContactClass::kMarketing, sms, id("a")));
  EXPECT_FALSE(credit_loans.Fits(ContactClass::kMarketing, sms, id("b")));
  const ContactFilter& spring = topology_->caps[2].filter;
  EXPECT_TRUE(spring.Fits(ContactClass::kMarketing, sms, id("c")));
  EXPECT_TRUE(spring.Fits(ContactClass::kMarketing, sms, id("b")));  // by its trigger
  EXPECT_FALSE(spring.Fits(ContactClass::kMarketing, branch, id("c")));
  EXPECT_FALSE(spring.Fits(ContactClass::kService, sms, id("c")));
}

TEST_F(PolicyTest, CooldownsByStatusAndByCode) {
  ASSERT_EQ(topology_->cooldowns.size(), 3U);
  EXPECT_EQ(topology_->cooldowns[0].id, "declined");
  EXPECT_EQ(topology_->cooldowns[0].outcome, ContactStatus::kDeclined);
  EXPECT_EQ(topology_->cooldowns[1].id, "stop/everything");
  EXPECT_EQ(topology_->cooldowns[1].code, "stop");
  EXPECT_EQ(topology_->cooldowns[2].scope, CooldownScope::kChannel);
  EXPECT_FALSE(topology_->cooldowns[2].filter.channels.empty());
}

TEST_F(PolicyTest, SuppressionsHaveSidesCasesAndScope) {
  const Suppression& complaint = topology_->suppressions.at(0);
  ASSERT_EQ(complaint.open.size(), 1U);
  EXPECT_TRUE(complaint.open[0].case_id.has_value());
  EXPECT_EQ(complaint.quiet, std::chrono::days{14});
  EXPECT_EQ(complaint.filter.classes, 0b00110);
  const EventPlan& plan = topology_->event_plans[*FindById(topology_->event_types, "complaint.closed")];
  EXPECT_EQ(plan.suppressions_close.size(), 1U);
}

TEST_F(PolicyTest, EverythingElse) {
  EXPECT_EQ(std::ranges::count(topology_->exclusions.at(0).offers, true), 2);
  EXPECT_EQ(topology_->universal_holdout.share_ppm, 50'000U);
  EXPECT_EQ(topology_->campaigns[0].control_share_ppm, 100'000U);
  EXPECT_EQ(FormatTime(*topology_->campaigns[0].from), "2026-02-28T23:00:00.000Z");  // Prague's midnight
  EXPECT_EQ(topology_->duplicate_ids_max, 8U);
  EXPECT_EQ(topology_->remember, std::chrono::days{367});
}

}  // namespace
}  // namespace antiphon::topology
