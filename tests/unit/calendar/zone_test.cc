#include "engine/calendar/zone.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>

#include "tests/unit/calendar/support.h"

namespace antiphon::calendar {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ZoneTest, ShowsTheClockOfPragueAroundItsChanges) {
  const Zone& prague = ZoneNamed("Europe/Prague");
  EXPECT_EQ(Shown(prague.ToLocal(At("2026-03-29T00:59:59.999Z"))), "2026-03-29T01:59");
  EXPECT_EQ(Shown(prague.ToLocal(At("2026-03-29T01:00:00Z"))), "2026-03-29T03:00");
  EXPECT_EQ(Shown(prague.ToLocal(At("2026-10-25T00:59:59.999Z"))), "2026-10-25T02:59");
  EXPECT_EQ(Shown(prague.ToLocal(At("2026-10-25T01:00:00Z"))), "2026-10-25T02:00");
  // Until 1995 summer time ended in September.
  EXPECT_EQ(Shown(prague.ToLocal(At("1993-09-26T01:00:00Z"))), "1993-09-26T02:00");
  EXPECT_EQ(Shown(prague.ToLocal(At("1995-10-01T12:00:00Z"))), "1995-10-01T13:00");
  EXPECT_EQ(Shown(prague.ToLocal(At("1996-10-01T12:00:00Z"))), "1996-10-01T14:00");
  EXPECT_EQ(Shown(prague.ToLocal(At("1998-12-31T23:00:00Z"))), "1999-01-01T00:00");
}

TEST(ZoneTest, ALocalTimeInAGapIsTheFirstInstantAfterIt) {
  const Zone& prague = ZoneNamed("Europe/Prague");
  EXPECT_EQ(prague.FromLocal(Local("2026-03-29 02:00")), At("2026-03-29T01:00:00Z"));
  EXPECT_EQ(prague.FromLocal(Local("2026-03-29 02:59")), At("2026-03-29T01:00:00Z"));
  EXPECT_EQ(prague.FromLocal(Local("2026-03-29 03:00")), At("2026-03-29T01:00:00Z"));
  EXPECT_EQ(prague.FromLocal(Local("2026-03-29 03:01")), At("2026-03-29T01:01:00Z"));
}

TEST(ZoneTest, AnAmbiguousLocalTimeIsTheEarlierInstant) {
  const Zone& prague = ZoneNamed("Europe/Prague");
  EXPECT_EQ(prague.FromLocal(Local("2026-10-25 02:00")), At("2026-10-25T00:00:00Z"));
  EXPECT_EQ(prague.FromLocal(Local("2026-10-25 02:59")), At("2026-10-25T00:59:00Z"));
  EXPECT_EQ(prague.FromLocal(Local("2026-10-25 03:00")), At("2026-10-25T02:00:00Z"));
}

TEST(ZoneTest, AnOffsetNeedNotBeAFullHour) {
  EXPECT_EQ(Shown(ZoneNamed("Asia/Kathmandu").ToLocal(At("2026-01-01T00:00:00Z"))), "2026-01-01T05:45");
  EXPECT_EQ(Shown(ZoneNamed("Asia/Kathmandu").ToLocal(At("1985-12-31T00:00:00Z"))), "1985-12-31T05:30");
  const Zone& lord_howe = ZoneNamed("Australia/Lord_Howe");
  EXPECT_EQ(Shown(lord_howe.ToLocal(At("2026-04-04T14:59:00Z"))), "2026-04-05T01:59");
  EXPECT_EQ(Shown(lord_howe.ToLocal(At("2026-04-04T15:00:00Z"))), "2026-04-05T01:30");
  EXPECT_EQ(lord_howe.FromLocal(Local("2026-04-05 01:45")), At("2026-04-04T14:45:00Z"));
  EXPECT_EQ(lord_howe.FromLocal(Local("2026-10-04 02:15")), At("2026-10-03T15:30:00Z"));
}

TEST(ZoneTest, ADayMayBeginAfterMidnight) {
  // Santiago goes forward at 24:00 of a Saturday; Beirut and Cairo at 0:00.
  const Zone& santiago = ZoneNamed("America/Santiago");
  const EngineTime start = santiago.StartOfDay(Day("2026-09-06"));
  EXPECT_EQ(start, At("2026-09-06T04:00:00Z"));
  EXPECT_EQ(Shown(santiago.ToLocal(start)), "2026-09-06T01:00");
  EXPECT_EQ(santiago.DayOf(start - Milliseconds{1}), Day("2026-09-05"));
  EXPECT_EQ(santiago.StartOfDay(Day("2026-09-07")) - start, hours{23});
  EXPECT_EQ(Shown(ZoneNamed("Asia/Beirut").ToLocal(ZoneNamed("Asia/Beirut").StartOfDay(Day("2026-03-29")))), "2026-03-29T01:00");
  EXPECT_EQ(Shown(ZoneNamed("Africa/Cairo").ToLocal(ZoneNamed("Africa/Cairo").StartOfDay(Day("2026-04-24")))), "2026-04-24T01:00");
}

TEST(ZoneTest, ADayWhoseClockGoesBackAtItsEndIsOneDay) {
  // Santiago shows 23:00 to 24:00 of 4 April 2026 twice.
  const Zone& santiago = ZoneNamed("America/Santiago");
  EXPECT_EQ(santiago.StartOfDay(Day("2026-04-05")), At("2026-04-05T04:00:00Z"));
  EXPECT_EQ(santiago.StartOfDay(Day("2026-04-05")) - santiago.StartOfDay(Day("2026-04-04")), hours{25});
  EXPECT_EQ(santiago.DayOf(At("2026-04-05T03:30:00Z")), Day("2026-04-04"));
}

TEST(ZoneTest, DaysNeverGoBackWhereTheClockGoesBackOverMidnight) {
  // St. John's went back at 0:01: 2010-11-07 had begun.
  const Zone& st_johns = ZoneNamed("America/St_Johns");
  const EngineTime begun = st_johns.StartOfDay(Day("2010-11-07"));
  EXPECT_EQ(Shown(st_johns.ToLocal(begun + minutes{1})), "2010-11-06T23:01");
  EXPECT_EQ(st_johns.DayOf(begun + minutes{1}), Day("2010-11-07"));
  EXPECT_EQ(st_johns.DayOf(begun - Milliseconds{1}), Day("2010-11-06"));
}

TEST(ZoneTest, ASkippedDateHasNoInstant) {
  const Zone& apia = ZoneNamed("Pacific/Apia");
  EXPECT_EQ(apia.StartOfDay(Day("2011-12-30")), apia.StartOfDay(Day("2011-12-31")));
  EXPECT_EQ(apia.DayOf(apia.StartOfDay(Day("2011-12-31")) - Milliseconds{1}), Day("2011-12-29"));
}

TEST(ZoneTest, ClocksGoOnChangingUntil2100) {
  const Zone& prague = ZoneNamed("Europe/Prague");
  EXPECT_EQ(Shown(prague.ToLocal(At("2075-07-01T12:00:00Z"))), "2075-07-01T14:00");
  EXPECT_EQ(Shown(prague.ToLocal(At("2099-10-25T00:59:00Z"))), "2099-10-25T02:59");
  EXPECT_EQ(Shown(prague.ToLocal(At("2099-10-25T01:00:00Z"))), "2099-10-25T02:00");
}

TEST(ZoneTest, FromLocalIsTheFirstInstantThatShowsItOrMore) {
  Holds("FromLocal against a scan by periods", [] {
    const Zone& zone = ZoneNamed(*AnyZoneName());
    const LocalTime local = zone.ToLocal(AnyTime(zone)) + Milliseconds{*rc::gen::inRange(-7'200'000, 7'200'000)};
    const EngineTime time = zone.FromLocal(local);
    RC_ASSERT(zone.ToLocal(time) >= local);
    for (int step = 1; step < 3000; ++step) RC_ASSERT(zone.ToLocal(time - step * minutes{1}) < local);
    RC_ASSERT(zone.ToLocal(time - Milliseconds{1}) < local);
    RC_ASSERT(zone.HighestLocal(time) >= local && zone.HighestLocal(time - Milliseconds{1}) < local);
  });
}

TEST(ZoneTest, DaysCutTimeInOrder) {
  Holds("StartOfDay(DayOf(t)) <= t < StartOfDay(DayOf(t) + 1)", [] {
    const Zone& zone = ZoneNamed(*AnyZoneName());
    const EngineTime time = AnyTime(zone);
    const LocalDay day = zone.DayOf(time);
    RC_ASSERT(zone.StartOfDay(day) <= time && time < zone.StartOfDay(day + std::chrono::days{1}));
    RC_ASSERT(zone.DayOf(zone.StartOfDay(day)) == day);
    RC_ASSERT(zone.DayOf(time + hours{*rc::gen::inRange(0, 50)}) >= day);
  });
}

// The C library reads the rule at the end of a zone file, which the date library does not: an oracle for the years after 2037.
TEST(ZoneTest, EveryZoneAgreesWithTheCLibraryUntil2100) {
  const std::vector<std::string> names = ZoneNames();
  ASSERT_GT(names.size(), 300U);
  std::size_t differences = 0;
  for (const std::string& name : names) {
    const Result<Zone> zone = LoadZone(name);
    ASSERT_TRUE(zone.has_value()) << zone.error().message;
    ASSERT_EQ(setenv("TZ", name.c_str(), 1), 0);
    tzset();
    const auto differs = [&](EngineTime time) {
      const std::time_t at = std::chrono::floor<seconds>(time).time_since_epoch().count();
      std::tm shown{};
      localtime_r(&at, &shown);
      return seconds{shown.tm_gmtoff} != zone->ToLocal(time).time_since_epoch() - time.time_since_epoch();
    };
    // On both sides of each transition, and every five days, so that none is missing either.
    bool same = true;
    EngineTime first_difference{};
    const auto check = [&](EngineTime time) {
      if (same && time >= kEngineTimeMin && time < kEngineTimeMax && differs(time)) {
        same = false;
        first_difference = time;
      }
    };
    for (std::size_t i = 1; i < zone->period_count(); ++i) {
      check(zone->PeriodStart(i));
      check(zone->PeriodStart(i) - seconds{1});
    }
    for (EngineTime time = kEngineTimeMin; time < kEngineTimeMax; time += hours{120}) check(time);
    if (same) continue;
    // Their fasting month interrupts summer time in the table, so that its last years are no pattern for those after it.
    if ((name == "Asia/Gaza" || name == "Asia/Hebron") && first_difference >= At("2086-01-01T00:00:00Z")) continue;
    ++differences;
    ADD_FAILURE() << name << " differs at " << FormatTime(first_difference);
  }
  EXPECT_EQ(differences, 0U);
  unsetenv("TZ");
  tzset();
}

TEST(ZoneLoaderTest, AnUnknownNameIsAnErrorThatNamesTheNearest) {
  const Result<Zone> typo = LoadZone("Europe/Prage");
  ASSERT_FALSE(typo.has_value());
  EXPECT_NE(typo.error().message.find("'Europe/Prage'"), std::string::npos);
  EXPECT_NE(typo.error().message.find("Europe/Prague"), std::string::npos) << typo.error().message;
  const Result<Zone> city = LoadZone("prague");
  ASSERT_FALSE(city.has_value());
  EXPECT_NE(city.error().message.find("Europe/Prague"), std::string::npos) << city.error().message;
  for (const char* name : {"", "right/Europe/Prague", "posixrules", "../../etc/passwd", "Europe"}) {
    EXPECT_FALSE(LoadZone(name).has_value()) << name;
  }
}

TEST(ZoneTest, ItsCanonicalBytesHoldNameAndTransitions) {
  const auto bytes = [](const Zone& zone) {
    std::string out;
    zone.AppendCanonical(out);
    return out;
  };
  EXPECT_EQ(bytes(ZoneNamed("Europe/Prague")), bytes(ZoneNamed("Europe/Prague")));
  EXPECT_NE(bytes(ZoneNamed("Europe/Prague")), bytes(ZoneNamed("Europe/Bratislava")));
  const Zone one = *Zone::Create("x", seconds{0}, {{At("2000-01-01T00:00:00Z"), seconds{3600}}});
  const Zone other = *Zone::Create("x", seconds{0}, {{At("2000-01-01T00:00:01Z"), seconds{3600}}});
  EXPECT_NE(bytes(one), bytes(other));
}

TEST(ZoneTest, RefusesTransitionsOutOfOrderAndAbsurdOffsets) {
  const EngineTime time = At("2000-01-01T00:00:00Z");
  EXPECT_FALSE(Zone::Create("x", seconds{0}, {{time, seconds{1}}, {time, seconds{2}}}).has_value());
  EXPECT_FALSE(Zone::Create("x", hours{30}, {}).has_value());
  EXPECT_TRUE(Zone().is_fixed());
  EXPECT_EQ(Zone().name(), "UTC");
}

}  // namespace
}  // namespace antiphon::calendar
