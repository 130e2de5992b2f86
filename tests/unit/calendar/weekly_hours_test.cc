#include "engine/calendar/weekly_hours.h"

#include <string>

#include "tests/unit/calendar/hours_support.h"

namespace antiphon::calendar {
namespace {

using Hour = std::chrono::hours;
using std::chrono::minutes;

// Open at these local times of the week of Monday, 2026-03-02?
bool OpenAt(const HoursText& text, const std::string& local) { return Hours(text).IsOpenAt(Local(local), nullptr); }

TEST(WeeklyHoursTest, ReadsDaysAndRanges) {
  const HoursText call = {{"mon-fri", "09:30-11:30,13:30-16:30"}};
  EXPECT_TRUE(OpenAt(call, "2026-03-02 09:30"));
  EXPECT_FALSE(OpenAt(call, "2026-03-02 09:29"));
  EXPECT_FALSE(OpenAt(call, "2026-03-02 11:30"));
  EXPECT_TRUE(OpenAt(call, "2026-03-06 16:29"));
  EXPECT_FALSE(OpenAt(call, "2026-03-07 10:00"));
  const HoursText spaced = {{" fri - mon , wed ", " 10:00 - 12:00 , 22:00-24:00 "}};
  for (const char* open : {"2026-03-06 10:00", "2026-03-07 10:00", "2026-03-08 23:59", "2026-03-02 11:59", "2026-03-04 10:00"}) {
    EXPECT_TRUE(OpenAt(spaced, open)) << open;
  }
  EXPECT_FALSE(OpenAt(spaced, "2026-03-03 10:00") || OpenAt(spaced, "2026-03-05 10:00") || OpenAt(spaced, "2026-03-03 00:00"));
}

TEST(WeeklyHoursTest, EveryDayHoldsForDaysThatNoOtherLineNames) {
  const HoursText text = {{"sat,sunday", "closed"}, {"every day", "08:00-20:00"}, {"wed", "10:00-12:00"}};
  EXPECT_TRUE(OpenAt(text, "2026-03-02 08:00"));
  EXPECT_FALSE(OpenAt(text, "2026-03-04 08:00"));
  EXPECT_TRUE(OpenAt(text, "2026-03-04 10:00"));
  EXPECT_FALSE(OpenAt(text, "2026-03-07 10:00") || OpenAt(text, "2026-03-08 10:00"));
}

TEST(WeeklyHoursTest, ARangeOverMidnightBelongsToTheDayOnWhichItBegins) {
  const HoursText quiet = {{"fri", "21:00-08:00"}};
  EXPECT_TRUE(OpenAt(quiet, "2026-03-06 21:00") && OpenAt(quiet, "2026-03-07 07:59"));
  EXPECT_FALSE(OpenAt(quiet, "2026-03-07 08:00") || OpenAt(quiet, "2026-03-06 07:00") || OpenAt(quiet, "2026-03-07 21:00"));
  // Also into a day that is closed, and into a holiday.
  const WeeklyHours hours = Hours({{"fri", "21:00-08:00"}, {"sat", "closed"}});
  const HolidayCalendar holiday = HolidayCalendar::Create({.added = {Day("2026-03-07")}}).value();
  EXPECT_TRUE(hours.IsOpenAt(Local("2026-03-07 07:00"), &holiday));
  const HolidayCalendar friday = HolidayCalendar::Create({.added = {Day("2026-03-06")}}).value();
  EXPECT_FALSE(hours.IsOpenAt(Local("2026-03-07 07:00"), &friday) || hours.IsOpenAt(Local("2026-03-06 22:00"), &friday));
}

TEST(WeeklyHoursTest, OverlapsAndRepeatedDaysAreMerged) {
  EXPECT_EQ(Hours({{"mon", "08:00-10:00,09:00-12:00"}, {"mon-tue", "12:00-13:00"}}),
            Hours({{"mon", "08:00-13:00"}, {"tue", "12:00-13:00"}}));
  EXPECT_EQ(Hours({{"mon", "22:00-03:00,21:00-23:00"}}), Hours({{"mon", "21:00-03:00"}}));
}

TEST(WeeklyHoursTest, HolidaysAreClosedUnlessTheyHaveHours) {
  const HolidayCalendar cz = HolidayCalendar::Create({.country = "cz"}).value();
  const LocalTime easter_monday = Local("2026-04-06 10:00");
  EXPECT_FALSE(Hours({{"every day", "08:00-20:00"}}).IsOpenAt(easter_monday, &cz));
  EXPECT_TRUE(Hours({{"every day", "08:00-20:00"}}).IsOpenAt(easter_monday, nullptr));
  const WeeklyHours with = Hours({{"every day", "08:00-20:00"}, {"holidays", "10:00-12:00"}});
  EXPECT_TRUE(with.names_holidays() && with.IsOpenAt(easter_monday, &cz));
  EXPECT_FALSE(with.IsOpenAt(easter_monday - Hour{1}, &cz));
}

TEST(WeeklyHoursTest, ErrorsNamePlaceAndRemedy) {
  struct Case {
    HoursText text;
    std::size_t line;
    HoursError::Part part;
    std::size_t offset;
    const char* words;
  };
  const std::vector<Case> cases = {
      {{{"mon-fri", "9:30-11:30"}}, 0, HoursError::Part::kHours, 0, "no time of day"},
      {{{"mon-fri", "09:30-11:30, 13:30-16:60"}}, 0, HoursError::Part::kHours, 19, "'16:60' is no time of day"},
      {{{"mon-fri", "09:30"}}, 0, HoursError::Part::kHours, 0, "no range"},
      {{{"mon-fri", "08:00-08:00"}}, 0, HoursError::Part::kHours, 0, "00:00-24:00"},
      {{{"mon-fri", "24:00-08:00"}}, 0, HoursError::Part::kHours, 0, "24:00 ends a range"},
      {{{"mon-fri", "08:00-09:00,"}}, 0, HoursError::Part::kHours, 12, "no range"},
      {{{"mon-fri", ""}}, 0, HoursError::Part::kHours, 0, "'closed'"},
      {{{"mon", "closed"}, {"tue-fry", "closed"}}, 1, HoursError::Part::kDays, 4, "'fry' is no day"},
      {{{"mo", "closed"}}, 0, HoursError::Part::kDays, 0, "mon-fri"},
      {{{"mon,", "closed"}}, 0, HoursError::Part::kDays, 4, "no day"},
      {{{"every day", "closed"}, {"every day", "08:00-09:00"}}, 1, HoursError::Part::kDays, 0, "twice"},
      {{{"mon-fri", "08:00-09:00"}, {"fri", "closed"}}, 1, HoursError::Part::kDays, 0, "name it once"},
      {{{"mon,holidays", "closed"}}, 0, HoursError::Part::kDays, 4, "'holidays' is no day"},
  };
  for (const Case& wrong : cases) {
    const auto hours = ParseHours(wrong.text);
    ASSERT_FALSE(hours.has_value()) << wrong.words;
    EXPECT_EQ(hours.error().line, wrong.line) << wrong.words;
    EXPECT_EQ(hours.error().part, wrong.part) << wrong.words;
    EXPECT_EQ(hours.error().offset, wrong.offset) << hours.error().message;
    EXPECT_NE(hours.error().message.find(wrong.words), std::string::npos) << hours.error().message;
  }
}

TEST(WeeklyHoursTest, AnyTextIsReadOrRefused) {
  Holds(
      "random text",
      [] {
        const auto letters =
            rc::gen::element('m', 'o', 'n', 'f', 'r', 'i', 's', 'u', '-', ',', ':', ' ', '0', '1', '2', '4', '9', '\0', '\xff');
        HoursText text;
        const int lines = *rc::gen::inRange(0, 3);
        for (int i = 0; i < lines; ++i) {
          std::string days = *rc::gen::container<std::string>(letters);
          std::string range = *rc::gen::container<std::string>(letters);
          if (*rc::gen::arbitrary<bool>()) days = *rc::gen::element<std::string>("mon-fri", "every day", "holidays", "sun");
          if (*rc::gen::arbitrary<bool>()) range.insert(0, "09:00-10:00");
          text.emplace_back(days, range);
        }
        const auto hours = ParseHours(text);
        if (hours) {
          static_cast<void>(hours->IsOpenAt(Local("2026-03-02 09:00"), nullptr));
        } else {
          RC_ASSERT(hours.error().line < text.size());
          const auto& [days, range] = text[hours.error().line];
          RC_ASSERT(hours.error().offset <= (hours.error().part == HoursError::Part::kDays ? days : range).size());
          RC_ASSERT(hours.error().message.size() > 10 && hours.error().message.size() < 300);
        }
      },
      3000);
}

TEST(ZonedHoursTest, TheWallClockDecidesAroundChanges) {
  const Zone& prague = ZoneNamed("Europe/Prague");
  const WeeklyHours night = Hours({{"sun", "02:30-03:00"}});
  const ZonedHours open{&night, &prague, nullptr};
  // Skipped: not open on that day at all.
  EXPECT_EQ(open.NextOpen(At("2026-03-29T00:00:00Z")), At("2026-04-05T00:30:00Z"));
  // Shown twice: open twice.
  EXPECT_EQ(open.NextOpen(At("2026-10-25T00:00:00Z")), At("2026-10-25T00:30:00Z"));
  EXPECT_EQ(open.NextClose(At("2026-10-25T00:30:00Z")), At("2026-10-25T01:00:00Z"));
  EXPECT_EQ(open.NextOpen(At("2026-10-25T01:00:00Z")), At("2026-10-25T01:30:00Z"));
  EXPECT_EQ(open.NextClose(At("2026-10-25T01:30:00Z")), At("2026-10-25T02:00:00Z"));
  // A range whose begin is skipped opens when the clock goes on.
  const WeeklyHours later = Hours({{"sun", "02:30-05:00"}});
  const ZonedHours open_later{&later, &prague, nullptr};
  EXPECT_EQ(open_later.NextOpen(At("2026-03-29T00:00:00Z")), At("2026-03-29T01:00:00Z"));
  EXPECT_EQ(open_later.NextClose(At("2026-03-29T01:00:00Z")), At("2026-03-29T03:00:00Z"));
}

TEST(ZonedHoursTest, OtherZonesAndOldYears) {
  const WeeklyHours day = Hours({{"every day", "08:00-20:00"}});
  const auto next = [&](const char* zone, const char* time) { return (ZonedHours{&day, &ZoneNamed(zone), nullptr}.NextOpen(At(time))); };
  EXPECT_EQ(next("Asia/Kathmandu", "2026-01-01T20:00:00Z"), At("2026-01-02T02:15:00Z"));
  EXPECT_EQ(next("America/Santiago", "2026-09-06T03:00:00Z"), At("2026-09-06T11:00:00Z"));
  EXPECT_EQ(next("Australia/Lord_Howe", "2026-04-04T14:50:00Z"), At("2026-04-04T21:30:00Z"));
  EXPECT_EQ(next("Europe/Prague", "1995-09-24T00:30:00Z"), At("1995-09-24T07:00:00Z"));
  EXPECT_EQ(next("Europe/Prague", "1996-09-29T00:30:00Z"), At("1996-09-29T06:00:00Z"));
}

TEST(ZonedHoursTest, NeverAndAlways) {
  const Zone& prague = ZoneNamed("Europe/Prague");
  const EngineTime time = At("2026-03-01T12:00:00Z");
  const WeeklyHours never;
  const WeeklyHours always = Hours({{"every day", "00:00-24:00"}});
  EXPECT_EQ((ZonedHours{&never, &prague, nullptr}.NextOpen(time)), std::nullopt);
  EXPECT_EQ((ZonedHours{&never, &prague, nullptr}.NextClose(time)), time);
  EXPECT_EQ((ZonedHours{&always, &prague, nullptr}.NextClose(time)), std::nullopt);
  EXPECT_EQ((ZonedHours{}.NextOpen(time)), time);
  EXPECT_EQ((ZonedHours{}.NextClose(time)), std::nullopt);
  const HolidayCalendar cz = HolidayCalendar::Create({.country = "cz"}).value();
  EXPECT_EQ((ZonedHours{&always, &prague, &cz}.NextClose(time)), At("2026-04-02T22:00:00Z"));
  const WeeklyHours holidays_only = Hours({{"holidays", "10:00-12:00"}});
  EXPECT_EQ((ZonedHours{&holidays_only, &prague, &cz}.NextOpen(time)), At("2026-04-03T08:00:00Z"));
  EXPECT_EQ((ZonedHours{&holidays_only, &prague, nullptr}.NextOpen(time)), std::nullopt);
}

TEST(ZonedHoursTest, AgreesWithAWalkByMinutes) {
  const HolidayCalendar pl = HolidayCalendar::Create({.country = "pl"}).value();
  Holds(
      "open, next open and next close against a walk",
      [&] {
        const HoursModel model = AnyHours();
        const WeeklyHours hours = Hours(model.text);
        const HolidayCalendar* const holidays = *rc::gen::arbitrary<bool>() ? &pl : nullptr;
        const Zone& zone = ZoneNamed(*AnyZoneName());
        if (zone.name() == "Africa/Monrovia") return;  // boundaries between the minutes of the walk
        const EngineTime start = AnyTime(zone);
        const ZonedHours zoned{&hours, &zone, holidays};
        const auto open = [&](EngineTime time) { return model.IsOpen(zone.ToLocal(time), holidays); };
        RC_ASSERT(zoned.IsOpen(start) == open(start));
        const EngineTime until = start + std::chrono::days{8};
        std::optional<EngineTime> first_open;
        std::optional<EngineTime> first_close;
        const auto look = [&](EngineTime time) {
          std::optional<EngineTime>& first = open(time) ? first_open : first_close;
          if (!first) first = time;
        };
        look(start);
        for (EngineTime time = std::chrono::ceil<minutes>(start); time < until && (!first_open || !first_close); time += minutes{1})
          look(time);
        RC_ASSERT(zoned.NextOpen(start, until) == first_open);
        RC_ASSERT(zoned.NextClose(start, until) == first_close);
      },
      1000);
}

}  // namespace
}  // namespace antiphon::calendar
