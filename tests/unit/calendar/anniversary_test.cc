#include "engine/calendar/anniversary.h"

#include <algorithm>
#include <string>

#include "tests/unit/calendar/support.h"

namespace antiphon::calendar {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::year_month_day;

year_month_day Date(const std::string& text) { return year_month_day{Day(text)}; }

TEST(AnniversaryTest, ABirthdayIsAtItsHourByTheLocalClock) {
  const Zone& prague = ZoneNamed("Europe/Prague");
  const DateRule birthday{.every = Every::kYear, .at = hours{10}};
  EXPECT_EQ(NextOccurrence(prague, birthday, Date("1980-07-15"), At("2026-01-01T00:00:00Z")), At("2026-07-15T08:00:00Z"));
  EXPECT_EQ(NextOccurrence(prague, birthday, Date("1980-01-15"), At("2026-01-15T09:00:00Z")), At("2027-01-15T09:00:00Z"));
  EXPECT_EQ(NextOccurrence(prague, birthday, Date("1980-01-15"), At("2026-01-15T09:00:00Z"), From::kAtOrAfter), At("2026-01-15T09:00:00Z"));
  EXPECT_EQ(NextOccurrence(prague, birthday, Date("1945-12-13"), At("1993-06-01T00:00:00Z")), At("1993-12-13T09:00:00Z"));
  // The first is a year after the date.
  EXPECT_EQ(NextOccurrence(prague, birthday, Date("2026-07-15"), At("2026-01-01T00:00:00Z")), At("2027-07-15T08:00:00Z"));
  EXPECT_EQ(NextOccurrence(prague, birthday, Date("1980-07-15"), At("2100-12-01T00:00:00Z")), std::nullopt);
}

TEST(AnniversaryTest, TheTwentyNinthOfFebruary) {
  const Zone utc;
  const auto next = [&](Feb29 feb29, const char* from) {
    return NextOccurrence(utc, {.every = Every::kYear, .at = hours{10}, .feb29 = feb29}, Date("1996-02-29"), At(from));
  };
  EXPECT_EQ(next(Feb29::kFeb28, "2026-01-01T00:00:00Z"), At("2026-02-28T10:00:00Z"));
  EXPECT_EQ(next(Feb29::kMar1, "2026-01-01T00:00:00Z"), At("2026-03-01T10:00:00Z"));
  EXPECT_EQ(next(Feb29::kSkip, "2026-01-01T00:00:00Z"), At("2028-02-29T10:00:00Z"));
  for (const Feb29 feb29 : {Feb29::kFeb28, Feb29::kMar1, Feb29::kSkip}) {
    EXPECT_EQ(next(feb29, "2028-01-01T00:00:00Z"), At("2028-02-29T10:00:00Z"));
  }
}

TEST(AnniversaryTest, MonthlyOnThe31stIsTheLastDay) {
  const Zone utc;
  const DateRule monthly{.every = Every::kMonth, .at = hours{10}};
  EXPECT_EQ(NextOccurrence(utc, monthly, Date("2026-01-31"), At("2026-01-31T10:00:00Z")), At("2026-02-28T10:00:00Z"));
  EXPECT_EQ(NextOccurrence(utc, monthly, Date("2026-01-31"), At("2026-02-28T10:00:00Z")), At("2026-03-31T10:00:00Z"));
  EXPECT_EQ(NextOccurrence(utc, monthly, Date("2026-01-31"), At("2028-02-01T10:00:00Z")), At("2028-02-29T10:00:00Z"));
  EXPECT_EQ(NextOccurrence(utc, monthly, Date("2026-01-31"), At("2000-01-01T10:00:00Z")), At("2026-02-28T10:00:00Z"));
}

TEST(AnniversaryTest, OnceWithAnOffsetInDays) {
  const Zone& prague = ZoneNamed("Europe/Prague");
  const DateRule before_end{.every = Every::kOnce, .at = hours{9}, .offset_days = -30};
  EXPECT_EQ(NextOccurrence(prague, before_end, Date("2026-04-15"), At("2026-01-01T00:00:00Z")), At("2026-03-16T08:00:00Z"));
  EXPECT_EQ(NextOccurrence(prague, before_end, Date("2026-04-15"), At("2026-03-16T08:00:00Z")), std::nullopt);
  EXPECT_EQ(NextOccurrence(prague, before_end, Date("2026-04-15"), At("2026-03-16T08:00:00Z"), From::kAtOrAfter),
            At("2026-03-16T08:00:00Z"));
}

TEST(AnniversaryTest, ATimeThatTheClockSkipsOrShowsTwice) {
  const Zone& prague = ZoneNamed("Europe/Prague");
  const DateRule at_night{.every = Every::kYear, .at = hours{2} + minutes{30}};
  EXPECT_EQ(NextOccurrence(prague, at_night, Date("1980-03-29"), At("2026-01-01T00:00:00Z")), At("2026-03-29T01:00:00Z"));
  EXPECT_EQ(NextOccurrence(prague, at_night, Date("1980-10-25"), At("2026-01-01T00:00:00Z")), At("2026-10-25T00:30:00Z"));
  EXPECT_EQ(NextOccurrence(prague, at_night, Date("1980-10-25"), At("2026-10-25T00:30:00Z")), At("2027-10-25T00:30:00Z"));
  EXPECT_EQ(NextOccurrence(ZoneNamed("America/Santiago"), {.every = Every::kYear}, Date("1980-09-06"), At("2026-01-01T00:00:00Z")),
            At("2026-09-06T04:00:00Z"));
}

TEST(AnniversaryTest, AgreesWithAWalkByDays) {
  Holds(
      "next occurrence against a walk",
      [] {
        const Zone& zone = ZoneNamed(*AnyZoneName());
        const EngineTime time = AnyTime(zone);
        const Every every = *rc::gen::element(Every::kOnce, Every::kYear, Every::kMonth);
        const Feb29 feb29 = *rc::gen::element(Feb29::kFeb28, Feb29::kMar1, Feb29::kSkip);
        const DateRule rule{every, minutes{*rc::gen::inRange(0, 1440)}, feb29, *rc::gen::inRange(0, 2) * *rc::gen::inRange(-400, 400)};
        LocalDay date_day = zone.DayOf(time) + days{*rc::gen::inRange(-30'000, 800)};
        if (*rc::gen::inRange(0, 3) == 0) date_day = Day("1996-02-29");
        if (*rc::gen::inRange(0, 3) == 0) date_day = LocalDay{year_month_day{date_day}.year() / std::chrono::January / 31};
        const year_month_day date{date_day};
        const From from = *rc::gen::element(From::kAfter, From::kAtOrAfter);

        // Is `day` a repetition of `date`, by the words of the contract?
        const auto repeats = [&](LocalDay day) {
          const year_month_day today{day};
          if (every == Every::kOnce) return today == date;
          const bool last_of_month = today == today.year() / today.month() / std::chrono::last;
          if (every == Every::kMonth) {
            if (today.year() / today.month() <= date.year() / date.month()) return false;
            return today.day() == date.day() || (last_of_month && date.day() > today.day());
          }
          if (today.year() <= date.year()) return false;
          if (today.month() == date.month() && today.day() == date.day()) return true;
          if (date.month() != std::chrono::February || date.day() != std::chrono::day{29} || today.year().is_leap()) return false;
          if (feb29 == Feb29::kFeb28) return today.month() / today.day() == std::chrono::February / 28;
          return feb29 == Feb29::kMar1 && today.month() / today.day() == std::chrono::March / 1;
        };
        std::optional<EngineTime> expected;
        const LocalDay begin = std::max(date_day, zone.DayOf(time) - days{rule.offset_days + 3});
        for (LocalDay day = begin; day < begin + days{366 * 9} && !expected; day += days{1}) {
          if (!repeats(day)) continue;
          const EngineTime at = zone.FromLocal(LocalTime{day + days{rule.offset_days}} + rule.at);
          if (at > time || (at == time && from == From::kAtOrAfter)) expected = at;
        }
        const std::optional<EngineTime> found = NextOccurrence(zone, rule, date, time, from);
        if (expected && *expected >= At("2101-01-01T00:00:00Z")) expected.reset();
        RC_LOG() << zone.name() << ' ' << FormatTime(time) << " every " << static_cast<int>(every) << " feb29 " << static_cast<int>(feb29)
                 << " date " << Shown(LocalTime{date_day}) << " offset " << rule.offset_days << " at " << rule.at.count() << " found "
                 << (found ? FormatTime(*found) : "none") << " expected " << (expected ? FormatTime(*expected) : "none") << '\n';
        RC_ASSERT(found == expected);
        if (found && every != Every::kOnce) RC_ASSERT(*NextOccurrence(zone, rule, date, *found, From::kAtOrAfter) == *found);
      },
      1000);
}

TEST(AgeTest, AYearIsFullFromTheBeginningOfTheBirthday) {
  const Zone& prague = ZoneNamed("Europe/Prague");
  const year_month_day born = Date("2008-03-15");
  EXPECT_EQ(AgeInYears(prague, born, At("2026-03-14T22:59:59.999Z")), 17);
  EXPECT_EQ(AgeInYears(prague, born, At("2026-03-14T23:00:00Z")), 18);
  EXPECT_EQ(AgeInYears(prague, born, At("2008-03-14T22:00:00Z")), std::nullopt);
  EXPECT_EQ(AgeInYears(prague, born, At("2008-03-14T23:00:00Z")), 0);
  EXPECT_EQ(AgeInYears(prague, Date("1945-12-13"), At("1993-12-12T12:00:00Z")), 47);
}

TEST(AgeTest, BornOnThe29thOfFebruaryIsOlderOnThe1stOfMarch) {
  const Zone utc;
  EXPECT_EQ(AgeInYears(utc, Date("2008-02-29"), At("2026-02-28T23:59:59Z")), 17);
  EXPECT_EQ(AgeInYears(utc, Date("2008-02-29"), At("2026-03-01T00:00:00Z")), 18);
  EXPECT_EQ(AgeInYears(utc, Date("2008-02-29"), At("2028-02-29T00:00:00Z")), 20);
}

TEST(AgeTest, AgreesWithCountingBirthdays) {
  Holds(
      "age against counted birthdays",
      [] {
        const Zone& zone = ZoneNamed(*AnyZoneName());
        const EngineTime time = AnyTime(zone);
        const year_month_day born{zone.DayOf(time) - days{*rc::gen::inRange(0, 36'000)}};
        int age = 0;
        for (auto birthday = born + std::chrono::years{1};; birthday += std::chrono::years{1}) {
          const LocalDay day{birthday};  // 29 February of a common year counts on to 1 March
          if (zone.DayOf(time) < day) break;
          ++age;
          RC_ASSERT(age < 200);
        }
        RC_ASSERT(AgeInYears(zone, born, time) == age);
      },
      1000);
}

TEST(TimeOfDayTest, TwoDigitsAndAColon) {
  EXPECT_EQ(ParseTimeOfDay("10:05"), hours{10} + minutes{5});
  EXPECT_EQ(ParseTimeOfDay("24:00"), hours{24});
  for (const char* text : {"", "9:30", "09:60", "24:01", "25:00", "09-30", "09:30 ", "ab:cd"}) {
    EXPECT_EQ(ParseTimeOfDay(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseEvery("month"), Every::kMonth);
  EXPECT_EQ(ParseEvery("weekly"), std::nullopt);
  EXPECT_EQ(ParseFeb29("skip"), Feb29::kSkip);
  EXPECT_EQ(ParseFeb29("29"), std::nullopt);
}

}  // namespace
}  // namespace antiphon::calendar
