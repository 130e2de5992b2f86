#include "engine/calendar/schedule.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/calendar/hours_support.h"

namespace antiphon::calendar {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

// A bank in Prague: calls in two ranges of working days, text messages by day, a call centre that answers.
class ScheduleTest : public testing::Test {
 protected:
  const Zone& prague_ = ZoneNamed("Europe/Prague");
  const HolidayCalendar cz_ = HolidayCalendar::Create({.country = "cz"}).value();
  const WeeklyHours call_ = Hours({{"mon-fri", "09:30-11:30,13:30-16:30"}});
  const WeeklyHours sms_ = Hours({{"every day", "08:00-20:00"}});
  const WeeklyHours quiet_ = Hours({{"every day", "21:00-08:00"}});
  const WeeklyHours centre_ = Hours({{"mon-fri", "08:00-18:00"}});
};

TEST_F(ScheduleTest, NothingInTheWayIsNow) {
  const EngineTime time = At("2026-03-02T10:00:00.123Z");
  const PlannedTime planned = EarliestSayable({.channel = {&sms_, &prague_, &cz_}, .quiet = {&quiet_, &prague_, nullptr}}, time);
  EXPECT_EQ(planned.at, time);
  EXPECT_TRUE(planned.reasons.empty());
  EXPECT_EQ(planned.last, DelayReason::kNone);
  EXPECT_EQ(EarliestSayable({}, time).at, time);
}

TEST_F(ScheduleTest, AClosedChannelWaitsForItsHours) {
  const SayableConstraints call{.channel = {&call_, &prague_, &cz_}};
  EXPECT_EQ(EarliestSayable(call, At("2026-03-02T10:45:00Z")).at, At("2026-03-02T12:30:00Z"));
  EXPECT_EQ(EarliestSayable(call, At("2026-03-06T15:30:00Z")).at, At("2026-03-09T08:30:00Z"));
  EXPECT_EQ(EarliestSayable(call, At("2026-03-06T15:30:00Z")).last, DelayReason::kChannelClosed);
  // Over the change of clocks: 09:30 of summer time on Monday.
  EXPECT_EQ(EarliestSayable(call, At("2026-03-27T15:30:00Z")).at, At("2026-03-30T07:30:00Z"));
  EXPECT_EQ(EarliestSayable(call, At("2026-10-23T14:30:00Z")).at, At("2026-10-26T08:30:00Z"));
}

TEST_F(ScheduleTest, AHolidayIsNamed) {
  // Good Friday to Easter Monday.
  const SayableConstraints call{.channel = {&call_, &prague_, &cz_}};
  const PlannedTime planned = EarliestSayable(call, At("2026-04-03T08:00:00Z"));
  EXPECT_EQ(planned.at, At("2026-04-07T07:30:00Z"));
  EXPECT_EQ(planned.last, DelayReason::kChannelHoliday);
  // 28 September was no holiday in 1998.
  EXPECT_EQ(EarliestSayable(call, At("1998-09-28T08:00:00Z")).at, At("1998-09-28T08:00:00Z"));
}

TEST_F(ScheduleTest, QuietHoursAreInTheCustomersZone) {
  const Zone& new_york = ZoneNamed("America/New_York");
  const SayableConstraints sms{.channel = {&sms_, &prague_, nullptr}, .quiet = {&quiet_, &new_york, nullptr}};
  // 09:00 in Prague is 03:00 in New York; at 08:00 there it is 14:00 in Prague.
  const PlannedTime planned = EarliestSayable(sms, At("2026-02-02T08:00:00Z"));
  EXPECT_EQ(planned.at, At("2026-02-02T13:00:00Z"));
  EXPECT_EQ(planned.last, DelayReason::kQuietHours);
  EXPECT_TRUE(planned.reasons.Has(DelayReason::kQuietHours) && !planned.reasons.Has(DelayReason::kChannelClosed));
  // Between the American and the European change of clocks an hour earlier.
  EXPECT_EQ(EarliestSayable(sms, At("2026-03-16T08:00:00Z")).at, At("2026-03-16T12:00:00Z"));
}

TEST_F(ScheduleTest, NothingIsSentSoLateOnFridayThatNobodyCouldAnswer) {
  SayableConstraints sms{.channel = {&sms_, &prague_, nullptr}};
  sms.replies_to = ReplyWindow{{&centre_, &prague_, &cz_}, hours{2}, minutes{0}};
  EXPECT_EQ(EarliestSayable(sms, At("2026-03-06T16:59:00Z")).at, At("2026-03-06T16:59:00Z"));
  const PlannedTime late = EarliestSayable(sms, At("2026-03-06T17:00:00Z"));
  EXPECT_EQ(late.at, At("2026-03-09T07:00:00Z"));
  EXPECT_TRUE(late.reasons.Has(DelayReason::kReplyClosed) && late.reasons.Has(DelayReason::kChannelClosed));
  // For at least 90 minutes: not after 16:30 local, at 06:30 UTC in the morning the channel is the limit.
  sms.replies_to->open_for = minutes{90};
  EXPECT_EQ(EarliestSayable(sms, At("2026-03-06T15:30:00Z")).at, At("2026-03-06T15:30:00Z"));
  EXPECT_EQ(EarliestSayable(sms, At("2026-03-06T15:30:00.001Z")).at, At("2026-03-09T07:00:00Z"));
  // Without hours of the channel's own it is half an hour before the centre opens.
  sms.channel = {};
  EXPECT_EQ(EarliestSayable(sms, At("2026-03-06T15:31:00Z")).at, At("2026-03-09T06:30:00Z"));
  sms.replies_to->open_for = hours{3};
  EXPECT_EQ(EarliestSayable(sms, At("2026-03-06T15:31:00Z")).at, std::nullopt);
}

TEST_F(ScheduleTest, BeyondTheHorizonIsNothingWithTheReason) {
  const WeeklyHours never;
  const PlannedTime planned = EarliestSayable({.channel = {&never, &prague_, nullptr}}, At("2026-03-06T16:59:00Z"));
  EXPECT_EQ(planned.at, std::nullopt);
  EXPECT_EQ(planned.last, DelayReason::kChannelClosed);
  const SayableConstraints call{.channel = {&call_, &prague_, nullptr}};
  EXPECT_EQ(EarliestSayable(call, At("2026-03-06T15:30:00Z"), hours{65}).at, std::nullopt);
  EXPECT_EQ(EarliestSayable(call, At("2026-03-06T15:30:00Z"), hours{65} + Milliseconds{1}).at, At("2026-03-09T08:30:00Z"));
  EXPECT_EQ(EarliestSayable({}, At("2026-03-06T15:30:00Z"), Milliseconds{0}).at, std::nullopt);
  // Open only when it is quiet.
  const WeeklyHours night = Hours({{"every day", "22:00-23:00"}});
  EXPECT_EQ(EarliestSayable({.channel = {&night, &prague_, nullptr}, .quiet = {&quiet_, &prague_, nullptr}}, At("2026-03-06T15:30:00Z")).at,
            std::nullopt);
}

TEST_F(ScheduleTest, AgreesWithASearchMinuteByMinute) {
  Holds(
      "the earliest of all constraints against a walk",
      [this] {
        const auto any_zone = [] {
          return &ZoneNamed(*rc::gen::suchThat(AnyZoneName(), [](const auto& name) { return name != "Africa/Monrovia"; }));
        };
        const HoursModel channel_model = AnyHours();
        const HoursModel quiet_model = AnyHours();
        const HoursModel reply_model = AnyHours();
        const WeeklyHours channel = Hours(channel_model.text);
        const WeeklyHours quiet = Hours(quiet_model.text);
        const WeeklyHours reply = Hours(reply_model.text);
        const Zone* const bank = any_zone();
        const Zone* const customer = any_zone();
        const EngineTime at = std::chrono::floor<minutes>(AnyTime(*bank));

        SayableConstraints constraints{.channel = {&channel, bank, &cz_}};
        const bool has_quiet = *rc::gen::arbitrary<bool>();
        if (has_quiet) constraints.quiet = {&quiet, customer, nullptr};
        const bool has_reply = *rc::gen::arbitrary<bool>();
        const int within = *rc::gen::inRange(0, 600);
        const int open_for = *rc::gen::inRange(0, 2) * *rc::gen::inRange(0, within + 2);
        if (has_reply) constraints.replies_to = ReplyWindow{{&reply, bank, &cz_}, minutes{within}, minutes{open_for}};

        const auto answerable = [&](EngineTime time) {
          int open = 0;
          for (int minute = 0; minute < within + (open_for == 0 ? 1 : 0); ++minute) {
            open += reply_model.IsOpen(bank->ToLocal(time + minutes{minute}), &cz_) ? 1 : 0;
            if (open >= std::max(open_for, 1)) return true;
          }
          return open_for > 0 && open >= open_for;
        };
        const auto sayable = [&](EngineTime time) {
          return channel_model.IsOpen(bank->ToLocal(time), &cz_) && !(has_quiet && quiet_model.IsOpen(customer->ToLocal(time), nullptr)) &&
                 !(has_reply && !answerable(time));
        };
        std::optional<EngineTime> expected;
        for (EngineTime time = at; time < at + days{9} && !expected; time += minutes{1}) {
          if (sayable(time)) expected = time;
        }
        const PlannedTime planned = EarliestSayable(constraints, at, days{9});
        RC_ASSERT(planned.at == expected);
        RC_ASSERT(planned.reasons.empty() == (expected == at));
        RC_ASSERT(planned.reasons.Has(planned.last) || planned.reasons.empty());
        if (constraints.replies_to) RC_ASSERT(constraints.replies_to->CanAnswer(at) == answerable(at));
      },
      1000);
}

}  // namespace
}  // namespace antiphon::calendar
