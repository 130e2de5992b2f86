#include "engine/calendar/buckets.h"

#include <set>
#include <string>

#include "engine/calendar/calendar_period.h"
#include "tests/unit/calendar/support.h"

namespace antiphon::calendar {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

BucketGrid Grid(const std::string& zone, Milliseconds grain, std::chrono::weekday week_starts = std::chrono::Monday) {
  return BucketGrid::Create(ZoneNamed(zone), grain, week_starts).value();
}

// The number of buckets of a local day.
std::int64_t BucketsOfDay(const BucketGrid& grid, const std::string& day) {
  return grid.Of(grid.zone().StartOfDay(Day(day) + days{1})) - grid.Of(grid.zone().StartOfDay(Day(day)));
}

TEST(BucketGridTest, AnHourShownTwiceIsTwoBuckets) {
  const BucketGrid hourly = Grid("Europe/Prague", hours{1});
  EXPECT_EQ(BucketsOfDay(hourly, "2026-03-29"), 23);
  EXPECT_EQ(BucketsOfDay(hourly, "2026-10-25"), 25);
  EXPECT_EQ(BucketsOfDay(hourly, "2026-10-26"), 24);
  EXPECT_EQ(hourly.Of(At("2026-10-25T01:30:00Z")), hourly.Of(At("2026-10-25T00:30:00Z")) + 1);
  EXPECT_EQ(BucketsOfDay(hourly, "1995-09-24"), 25);
}

TEST(BucketGridTest, ADayOfSixHourBucketsHasFourAlways) {
  const BucketGrid grid = Grid("Europe/Prague", hours{6});
  for (const char* day : {"2026-03-29", "2026-10-25", "2026-07-01"}) EXPECT_EQ(BucketsOfDay(grid, day), 4) << day;
  // The one in which the clock changes is shorter or longer.
  const std::int64_t first = grid.Of(At("2026-10-25T00:30:00Z"));
  EXPECT_EQ(grid.Start(first), At("2026-10-24T22:00:00Z"));
  EXPECT_EQ(grid.Start(first + 1) - grid.Start(first), hours{7});
}

TEST(BucketGridTest, DaysBeginAtTheZonesMidnight) {
  const BucketGrid daily = Grid("Europe/Prague", days{1});
  EXPECT_EQ(daily.Of(At("2026-03-01T22:59:59.999Z")) + 1, daily.Of(At("2026-03-01T23:00:00Z")));
  EXPECT_EQ(daily.Start(daily.Of(At("2026-10-25T12:00:00Z"))), At("2026-10-24T22:00:00Z"));
  EXPECT_EQ(daily.Start(daily.Of(At("2026-10-25T12:00:00Z")) + 1), At("2026-10-25T23:00:00Z"));
  EXPECT_EQ(daily.WindowStart(At("2026-10-26T08:00:00Z"), 3), At("2026-10-23T22:00:00Z"));
  EXPECT_EQ(Grid("America/Santiago", days{1}).Start(Day("2026-09-06").time_since_epoch().count()), At("2026-09-06T04:00:00Z"));
}

TEST(BucketGridTest, WholeWeeksBeginOnTheFirstWeekday) {
  const EngineTime thursday = At("2026-03-05T12:00:00Z");
  const auto start = [&](std::chrono::weekday first, int count) {
    const BucketGrid grid = Grid("UTC", days{count}, first);
    return grid.Start(grid.Of(thursday));
  };
  EXPECT_EQ(start(std::chrono::Monday, 7), At("2026-03-02T00:00:00Z"));
  EXPECT_EQ(start(std::chrono::Sunday, 7), At("2026-03-01T00:00:00Z"));
  EXPECT_EQ(start(std::chrono::Thursday, 7), At("2026-03-05T00:00:00Z"));
  EXPECT_EQ(start(std::chrono::Monday, 14).time_since_epoch() % days{7}, days{4});
  // Other lengths count from 1970-01-01.
  EXPECT_EQ(start(std::chrono::Monday, 3).time_since_epoch() % days{3}, days{0});
}

TEST(BucketGridTest, FullLocalHoursAreBoundariesWhereTheOffsetIsNone) {
  const BucketGrid grid = Grid("Asia/Kathmandu", hours{1});
  EXPECT_EQ(grid.Start(grid.Of(At("2026-01-01T00:20:00Z"))), At("2026-01-01T00:15:00Z"));
  EXPECT_EQ(grid.Start(grid.Of(At("1985-01-01T00:20:00Z"))), At("1984-12-31T23:30:00Z"));
  // Lord Howe, half an hour back at 02:00: 01:00 to 02:00 and 01:30 to 02:00 again are one bucket.
  const BucketGrid lord_howe = Grid("Australia/Lord_Howe", hours{1});
  const std::int64_t change = lord_howe.Of(At("2026-04-04T15:10:00Z"));
  EXPECT_EQ(lord_howe.Start(change), At("2026-04-04T14:00:00Z"));
  EXPECT_EQ(lord_howe.Start(change + 1), At("2026-04-04T15:30:00Z"));
  EXPECT_EQ(BucketsOfDay(lord_howe, "2026-04-05"), 24);
  // Half an hour forward at 02:00: 02:30 to 03:00 is a short one.
  const std::int64_t spring = lord_howe.Of(At("2026-10-03T15:40:00Z"));
  EXPECT_EQ(lord_howe.Start(spring), At("2026-10-03T15:30:00Z"));
  EXPECT_EQ(lord_howe.Start(spring + 1), At("2026-10-03T16:00:00Z"));
  EXPECT_EQ(BucketsOfDay(Grid("Australia/Lord_Howe", minutes{30}), "2026-04-05"), 49);
}

TEST(BucketGridTest, RefusesLengthsThatCannotBeAligned) {
  for (const Milliseconds grain : {Milliseconds{0}, Milliseconds{-1}, Milliseconds{500}, Milliseconds{1500}, Milliseconds{minutes{7}},
                                   Milliseconds{minutes{90}}, Milliseconds{hours{5}}, Milliseconds{hours{36}}, Milliseconds{days{367}}}) {
    const Result<BucketGrid> grid = BucketGrid::Create(Zone(), grain);
    ASSERT_FALSE(grid.has_value()) << grain.count();
    EXPECT_NE(grid.error().message.find("12h"), std::string::npos);
  }
}

TEST(BucketGridTest, TheDefaultGrainFollowsFromTheWindow) {
  EXPECT_EQ(DefaultGrain(minutes{3}), seconds{1});
  EXPECT_EQ(DefaultGrain(minutes{4}), minutes{1});
  EXPECT_EQ(DefaultGrain(hours{3}), minutes{1});
  EXPECT_EQ(DefaultGrain(hours{4}), hours{1});
  EXPECT_EQ(DefaultGrain(days{3}), hours{1});
  EXPECT_EQ(DefaultGrain(days{4}), days{1});
  EXPECT_EQ(BucketCount(days{90}, days{1}), 90);
  EXPECT_EQ(BucketCount(hours{25}, days{1}), 2);
  for (int shift = 0; shift < 40; ++shift) {
    const Milliseconds over{std::int64_t{1} << shift};
    EXPECT_TRUE(BucketGrid::Create(Zone(), DefaultGrain(over)).has_value());
  }
}

Milliseconds AnyGrain() {
  return *rc::gen::element<Milliseconds>(seconds{1}, seconds{10}, minutes{1}, minutes{15}, minutes{20}, minutes{30}, hours{1}, hours{2},
                                         hours{6}, hours{12}, days{1}, days{2}, days{7}, days{30});
}

TEST(BucketGridTest, EveryTimeLiesInItsBucketAndNumbersNeverGoBack) {
  Holds(
      "Start(Of(t)) <= t < Start(Of(t) + 1), without gaps",
      [] {
        const BucketGrid grid = Grid(*AnyZoneName(), AnyGrain());
        const EngineTime time = AnyTime(grid.zone());
        const std::int64_t bucket = grid.Of(time);
        const EngineTime start = grid.Start(bucket);
        const EngineTime end = grid.Start(bucket + 1);
        RC_ASSERT(start <= time && time < end);
        RC_ASSERT(grid.Of(start) == bucket && grid.Of(end - Milliseconds{1}) == bucket);
        RC_ASSERT(grid.Of(start - Milliseconds{1}) < bucket && grid.Of(end) > bucket);
        // Up to an hour no number is left out, and no bucket is longer than the grain and the largest change of a clock by a part of it.
        if (grid.grain() <= hours{1}) {
          RC_ASSERT(grid.Of(end) == bucket + 1);
          RC_ASSERT(end - start < 2 * grid.grain());
        }
      },
      500);
}

// The rule as it is written: walk minute by minute from a midnight and begin a bucket wherever the clock passes a full grain.
TEST(BucketGridTest, HourlyAndFinerBucketsAgreeWithAWalkAlongTheClock) {
  Holds(
      "buckets against a walk",
      [] {
        const Milliseconds grain = *rc::gen::element<Milliseconds>(minutes{15}, minutes{30}, hours{1});
        const BucketGrid grid = Grid(*AnyZoneName(), grain);
        const Zone& zone = grid.zone();
        if (zone.name() == "Africa/Monrovia") return;  // until 1972 44 minutes and 30 seconds: boundaries between the minutes of the walk
        EngineTime time = std::chrono::floor<minutes>(AnyTime(zone));
        std::int64_t expected = grid.Of(time);
        for (int step = 0; step < 3000; ++step) {
          const LocalTime before = zone.ToLocal(time + minutes{1} - Milliseconds{1});
          time += minutes{1};
          const LocalTime now = zone.ToLocal(time);
          const bool on_boundary = now.time_since_epoch() % grain == Milliseconds{0};
          const bool by_part = (now - before - Milliseconds{1}) % grain != Milliseconds{0};
          const bool jumped = by_part && FloorDiv(now.time_since_epoch().count(), grain.count()) >
                                             FloorDiv(before.time_since_epoch().count(), grain.count());
          if (on_boundary || jumped) ++expected;
          RC_ASSERT(grid.Of(time) == expected);
        }
      },
      100);
}

TEST(BucketGridTest, LongerBucketsAgreeWithTheDateAndTheClock) {
  Holds(
      "n hours and days against date and hour",
      [] {
        const Milliseconds grain = *rc::gen::element<Milliseconds>(hours{2}, hours{4}, hours{12}, days{1});
        const BucketGrid grid = Grid(*AnyZoneName(), grain);
        const EngineTime time = AnyTime(grid.zone());
        const EngineTime midnight = grid.zone().StartOfDay(time);
        // The part of the day: how many multiples of the grain the clock has reached since the day began.
        std::int64_t part = 0;
        for (Milliseconds multiple = grain; multiple < days{1}; multiple += grain) {
          if (grid.zone().FromLocal(LocalTime{grid.zone().DayOf(midnight)} + multiple) <= time) ++part;
        }
        RC_ASSERT(grid.Of(time) == grid.zone().DayOf(time).time_since_epoch() / days{1} * (days{1} / grain) + part);
      },
      500);
}

TEST(PeriodGridTest, WeeksMonthsAndYearsOfPrague) {
  const Zone& prague = ZoneNamed("Europe/Prague");
  const EngineTime time = At("2026-03-31T22:30:00Z");  // 1 April, 00:30, a Wednesday
  EXPECT_EQ(PeriodGrid(prague, CalendarPeriod::kMonth).PeriodStart(time), At("2026-03-31T22:00:00Z"));
  EXPECT_EQ(PeriodGrid(prague, CalendarPeriod::kMonth).PeriodEnd(time), At("2026-04-30T22:00:00Z"));
  EXPECT_EQ(PeriodGrid(prague, CalendarPeriod::kMonth).Of(time), 56 * 12 + 3);
  EXPECT_EQ(PeriodGrid(prague, CalendarPeriod::kWeek).PeriodStart(time), At("2026-03-29T22:00:00Z"));
  EXPECT_EQ(PeriodGrid(prague, CalendarPeriod::kWeek, std::chrono::Sunday).PeriodStart(time), At("2026-03-28T23:00:00Z"));
  EXPECT_EQ(PeriodGrid(prague, CalendarPeriod::kDay).PeriodEnd(time), At("2026-04-01T22:00:00Z"));
  EXPECT_EQ(PeriodGrid(prague, CalendarPeriod::kYear).PeriodStart(time), At("2025-12-31T23:00:00Z"));
  EXPECT_EQ(PeriodGrid(prague, CalendarPeriod::kYear).PeriodEnd(At("1996-02-29T12:00:00Z")), At("1996-12-31T23:00:00Z"));
}

TEST(PeriodGridTest, PeriodsAgreeWithAWalkByDays) {
  Holds(
      "periods against a walk",
      [] {
        const Zone& zone = ZoneNamed(*AnyZoneName());
        const auto kind = *rc::gen::element(CalendarPeriod::kDay, CalendarPeriod::kWeek, CalendarPeriod::kMonth, CalendarPeriod::kYear);
        const std::chrono::weekday first{*rc::gen::inRange(0U, 7U)};
        const PeriodGrid grid(zone, kind, first);
        const EngineTime time = AnyTime(zone);
        LocalDay day = zone.DayOf(time);
        const auto begins = [&](LocalDay candidate) {
          const std::chrono::year_month_day date{candidate};
          if (kind == CalendarPeriod::kWeek) return std::chrono::weekday{candidate} == first;
          if (kind == CalendarPeriod::kDay) return true;
          return date.day() == std::chrono::day{1} && (kind == CalendarPeriod::kMonth || date.month() == std::chrono::January);
        };
        LocalDay next = day + days{1};
        while (!begins(day)) day -= days{1};
        while (!begins(next)) next += days{1};
        RC_ASSERT(grid.PeriodStart(time) == zone.StartOfDay(day));
        RC_ASSERT(grid.PeriodEnd(time) == zone.StartOfDay(next));
        RC_ASSERT(grid.PeriodStart(time) <= time && time < grid.PeriodEnd(time));
        RC_ASSERT(grid.Of(grid.PeriodEnd(time)) >= grid.Of(time) + 1);
      },
      300);
}

TEST(PeriodGridTest, ReadsItsWords) {
  EXPECT_EQ(ParseCalendarPeriod("month"), CalendarPeriod::kMonth);
  EXPECT_EQ(ParseCalendarPeriod("Month"), std::nullopt);
  EXPECT_EQ(ParseWeekday("monday"), std::chrono::Monday);
  EXPECT_EQ(ParseWeekday("sun"), std::chrono::Sunday);
  EXPECT_EQ(ParseWeekday("su"), std::nullopt);
}

}  // namespace
}  // namespace antiphon::calendar
