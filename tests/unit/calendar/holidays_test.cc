#include "engine/calendar/holidays.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/calendar/support.h"

namespace antiphon::calendar {
namespace {

using std::chrono::days;
using std::chrono::year;

HolidayCalendar Of(const std::string& country) { return HolidayCalendar::Create({.country = country}).value(); }

// The holidays of a year as "01-01 05-01 ...".
std::string YearOf(const std::string& country, int of_year) {
  const HolidayCalendar calendar = Of(country);
  std::string text;
  for (LocalDay day{year{of_year} / 1 / 1}; day < LocalDay{year{of_year + 1} / 1 / 1}; day += days{1}) {
    if (calendar.IsHoliday(day)) text += (text.empty() ? "" : " ") + Shown(LocalTime{day}).substr(5, 5);
  }
  return text;
}

TEST(HolidaysTest, EasterSunday) {
  // Known dates, the earliest and the latest possible among them.
  for (const char* date :
       {"1993-04-11", "1998-04-12", "2000-04-23", "2008-03-23", "2016-03-27", "2026-04-05", "2038-04-25", "2049-04-18"}) {
    EXPECT_EQ(EasterSunday(year{std::stoi(std::string(date).substr(0, 4))}), Day(date)) << date;
  }
}

TEST(HolidaysTest, EasterIsTheSundayAfterTheChurchsFullMoon) {
  // The other classical way: golden number and epact, full moon, then the Sunday after it (Knuth, TAOCP 1.3.2, exercise 14).
  for (int y = 1583; y <= 2500; ++y) {
    const int golden = y % 19 + 1;
    const int century = y / 100 + 1;
    const int skipped_leap_years = 3 * century / 4 - 12;
    const int moon_correction = (8 * century + 5) / 25 - 5;
    int epact = (11 * golden + 20 + moon_correction - skipped_leap_years) % 30;
    if (epact < 0) epact += 30;
    if ((epact == 25 && golden > 11) || epact == 24) ++epact;
    int moon = 44 - epact;
    if (moon < 21) moon += 30;
    LocalDay day = LocalDay{year{y} / std::chrono::March / 1} + days{moon};  // the day after the full moon
    while (std::chrono::weekday{day} != std::chrono::Sunday) day += days{1};
    ASSERT_EQ(EasterSunday(year{y}), day) << y;
  }
}

TEST(HolidaysTest, CzechHolidaysFollowTheLawOfTheirYear) {
  EXPECT_EQ(YearOf("cz", 2026), "01-01 04-03 04-06 05-01 05-08 07-05 07-06 09-28 10-28 11-17 12-24 12-25 12-26");
  EXPECT_EQ(YearOf("cz", 1993), "01-01 04-12 05-01 05-08 07-05 07-06 10-28 12-24 12-25 12-26");
  EXPECT_EQ(YearOf("cz", 1998), "01-01 04-13 05-01 05-08 07-05 07-06 10-28 12-24 12-25 12-26");
  const HolidayCalendar cz = Of("cz");
  EXPECT_TRUE(cz.IsHoliday(Day("1991-05-09")) && !cz.IsHoliday(Day("1991-05-08")));
  EXPECT_TRUE(cz.IsHoliday(Day("1992-05-08")) && !cz.IsHoliday(Day("1992-05-09")));
  EXPECT_FALSE(cz.IsHoliday(Day("1999-09-28")) || cz.IsHoliday(Day("1999-11-17")));
  EXPECT_TRUE(cz.IsHoliday(Day("2000-09-28")) && cz.IsHoliday(Day("2000-11-17")));
  EXPECT_FALSE(cz.IsHoliday(Day("2015-04-03")));
  EXPECT_EQ(cz.NameOf(Day("2016-03-25")), "Good Friday");
}

TEST(HolidaysTest, OtherCountries) {
  EXPECT_EQ(YearOf("sk", 2018), "01-01 01-06 03-30 04-02 05-01 05-08 07-05 08-29 09-01 09-15 10-30 11-01 11-17 12-24 12-25 12-26");
  EXPECT_EQ(YearOf("de", 1994), "01-01 04-01 04-04 05-01 05-12 05-23 10-03 11-16 12-25 12-26");
  EXPECT_EQ(YearOf("gb", 2026), "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-26 12-28");
  EXPECT_EQ(YearOf("gb", 2022), "01-01 01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-25 12-26 12-27");
  EXPECT_EQ(YearOf("gb", 2020), "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-26 12-28");
  EXPECT_EQ(YearOf("gb", 1995), "01-01 01-02 04-14 04-17 05-08 05-29 08-28 12-25 12-26");
  EXPECT_EQ(YearOf("gb", 2012), "01-01 01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26");
}

// By hand from the statutes (engine/calendar/holiday_rules.cc names them) and the Easter Sundays 31 March 2024, 20 April 2025, 5 April
// 2026.
TEST(HolidaysTest, TheYears2024To2026AreThoseOfTheStatutes) {
  struct Row {
    const char* country;
    int year;
    const char* days;
  };
  const Row rows[] = {
      // 1 September is a working day from 2024, 17 November from 2025, 8 May and 15 September in 2026 only.
      {"sk", 2023, "01-01 01-06 04-07 04-10 05-01 05-08 07-05 08-29 09-01 09-15 11-01 11-17 12-24 12-25 12-26"},
      {"sk", 2024, "01-01 01-06 03-29 04-01 05-01 05-08 07-05 08-29 09-15 11-01 11-17 12-24 12-25 12-26"},
      {"sk", 2025, "01-01 01-06 04-18 04-21 05-01 05-08 07-05 08-29 09-15 11-01 12-24 12-25 12-26"},
      {"sk", 2026, "01-01 01-06 04-03 04-06 05-01 07-05 08-29 11-01 12-24 12-25 12-26"},
      {"sk", 2027, "01-01 01-06 03-26 03-29 05-01 05-08 07-05 08-29 09-15 11-01 12-24 12-25 12-26"},
      {"hu", 2024, "01-01 03-15 03-29 04-01 05-01 05-20 08-20 10-23 11-01 12-25 12-26"},
      {"hu", 2025, "01-01 03-15 04-18 04-21 05-01 06-09 08-20 10-23 11-01 12-25 12-26"},
      {"hu", 2026, "01-01 03-15 04-03 04-06 05-01 05-25 08-20 10-23 11-01 12-25 12-26"},
      // Ascension Day was 9 May in 2024: beside, not instead of, 8 May.
      {"fr", 2024, "01-01 04-01 05-01 05-08 05-09 05-20 07-14 08-15 11-01 11-11 12-25"},
      {"fr", 2025, "01-01 04-21 05-01 05-08 05-29 06-09 07-14 08-15 11-01 11-11 12-25"},
      {"fr", 2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"},
      // St. Francis from 2026.
      {"it", 2024, "01-01 01-06 04-01 04-25 05-01 06-02 08-15 11-01 12-08 12-25 12-26"},
      {"it", 2025, "01-01 01-06 04-21 04-25 05-01 06-02 08-15 11-01 12-08 12-25 12-26"},
      {"it", 2026, "01-01 01-06 04-06 04-25 05-01 06-02 08-15 10-04 11-01 12-08 12-25 12-26"},
      {"es", 2024, "01-01 01-06 03-29 05-01 08-15 10-12 11-01 12-06 12-08 12-25"},
      {"es", 2025, "01-01 01-06 04-18 05-01 08-15 10-12 11-01 12-06 12-08 12-25"},
      {"es", 2026, "01-01 01-06 04-03 05-01 08-15 10-12 11-01 12-06 12-08 12-25"},
      {"at", 2024, "01-01 01-06 04-01 05-01 05-09 05-20 05-30 08-15 10-26 11-01 12-08 12-25 12-26"},
      {"at", 2025, "01-01 01-06 04-21 05-01 05-29 06-09 06-19 08-15 10-26 11-01 12-08 12-25 12-26"},
      {"at", 2026, "01-01 01-06 04-06 05-01 05-14 05-25 06-04 08-15 10-26 11-01 12-08 12-25 12-26"},
      {"de", 2024, "01-01 03-29 04-01 05-01 05-09 05-20 10-03 12-25 12-26"},
      {"de", 2025, "01-01 04-18 04-21 05-01 05-29 06-09 10-03 12-25 12-26"},
      {"de", 2026, "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26"},
      // Christmas Eve from 2025.
      {"pl", 2024, "01-01 01-06 03-31 04-01 05-01 05-03 05-19 05-30 08-15 11-01 11-11 12-25 12-26"},
      {"pl", 2025, "01-01 01-06 04-20 04-21 05-01 05-03 06-08 06-19 08-15 11-01 11-11 12-24 12-25 12-26"},
      {"pl", 2026, "01-01 01-06 04-05 04-06 05-01 05-03 05-24 06-04 08-15 11-01 11-11 12-24 12-25 12-26"},
  };
  for (const Row& row : rows) EXPECT_EQ(YearOf(row.country, row.year), row.days) << row.country << ' ' << row.year;
}

TEST(HolidaysTest, EveryCountryHasSevenToSeventeenHolidaysAYearAndNamesThem) {
  for (const std::string_view code : HolidayCountries()) {
    const HolidayCalendar calendar = Of(std::string(code));
    for (int y = 1990; y <= 2100; ++y) {
      int count = 0;
      for (LocalDay day{year{y} / 1 / 1}; day < LocalDay{year{y + 1} / 1 / 1}; day += days{1}) {
        if (!calendar.IsHoliday(day)) continue;
        ++count;
        ASSERT_FALSE(calendar.NameOf(day).empty() || calendar.NameOf(day) == "added by the topology");
      }
      EXPECT_TRUE(count >= 7 && count <= 17) << code << ' ' << y << ' ' << count;
    }
  }
}

TEST(HolidaysTest, TheOperatorAddsAndRemovesDays) {
  const HolidayCalendar calendar =
      HolidayCalendar::Create({.country = "cz", .added = {Day("2026-12-31"), Day("2026-11-17")}, .removed = {Day("2026-11-17")}}).value();
  EXPECT_TRUE(calendar.IsHoliday(Day("2026-12-31")));
  EXPECT_EQ(calendar.NameOf(Day("2026-12-31")), "added by the topology");
  EXPECT_FALSE(calendar.IsHoliday(Day("2026-11-17")));
  EXPECT_TRUE(calendar.NameOf(Day("2026-11-17")).empty());
  EXPECT_TRUE(calendar.IsHoliday(Day("2027-11-17")));
  const HolidayCalendar own = HolidayCalendar::Create({.added = {Day("2026-02-02")}}).value();
  EXPECT_TRUE(own.IsHoliday(Day("2026-02-02")) && !own.IsHoliday(Day("2026-12-25")));
  EXPECT_FALSE(HolidayCalendar().IsHoliday(Day("2026-12-25")));
}

TEST(HolidaysTest, RefusesUnknownCountriesAndFarDays) {
  const auto unknown = HolidayCalendar::Create({.country = "cs"});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_NE(unknown.error().message.find("did you mean"), std::string::npos) << unknown.error().message;
  EXPECT_NE(unknown.error().message.find("cz"), std::string::npos);
  EXPECT_FALSE(HolidayCalendar::Create({.added = {Day("1969-12-31")}}).has_value());
  EXPECT_FALSE(HolidayCalendar::Create({.removed = {Day("2101-01-01")}}).has_value());
  EXPECT_FALSE(Of("cz").IsHoliday(Day("2101-01-01")) || Of("cz").IsHoliday(Day("1969-12-25")));
}

TEST(HolidaysTest, CanonicalBytesChangeWithADay) {
  std::string cz;
  std::string more;
  Of("cz").AppendCanonical(cz);
  HolidayCalendar::Create({.country = "cz", .added = {Day("2026-12-31")}}).value().AppendCanonical(more);
  EXPECT_EQ(more.size(), cz.size() + 4);
}

}  // namespace
}  // namespace antiphon::calendar
