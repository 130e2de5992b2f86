#include "engine/calendar/holidays.h"

#include <algorithm>
#include <array>
#include <span>

#include "engine/calendar/canonical.h"

namespace antiphon::calendar {

namespace {

// One holiday: a fixed date, or a number of days from Easter Sunday (month 0).
struct HolidayRule {
  unsigned month = 0;
  unsigned day = 0;
  int from_easter = 0;
  int first_year = 0;
  int last_year = 9999;
};

constexpr HolidayRule On(unsigned month, unsigned day, int first_year = 0, int last_year = 9999) {
  return {.month = month, .day = day, .first_year = first_year, .last_year = last_year};
}
constexpr HolidayRule Easter(int days, int first_year = 0) { return {.from_easter = days, .first_year = first_year}; }

// Czech Republic: Act 245/2000 Coll. with its amendments (Good Friday: Act 359/2015); before it Act 93/1951 Coll. with its amendments.
constexpr std::array kCzech{On(1, 1),         Easter(-2, 2016), Easter(1),      On(5, 1),   On(5, 9, 0, 1991), On(5, 8, 1992), On(7, 5, 1990),
                            On(7, 6, 1990),   On(9, 28, 2000),  On(10, 28, 1988), On(11, 17, 2000), On(12, 24, 1990), On(12, 25), On(12, 26)};
// Austria: Arbeitsruhegesetz, section 7.
constexpr std::array kAustria{On(1, 1),   On(1, 6),  Easter(1),  On(5, 1),  Easter(39), Easter(50), Easter(60),
                              On(8, 15),  On(10, 26), On(11, 1), On(12, 8), On(12, 25), On(12, 26)};
// Germany, the days of all its states: their holiday acts; 3 October: Unification Treaty, article 2.
constexpr std::array kGermany{On(1, 1), Easter(-2), Easter(1), On(5, 1), Easter(39), Easter(50), On(10, 3, 1990), On(12, 25), On(12, 26)};
// Poland: act of 18 January 1951 on days off, with its amendments (6 January since 2011, 24 December since 2025).
constexpr std::array kPoland{On(1, 1),   On(1, 6, 2011), Easter(0), Easter(1),        On(5, 1),         On(5, 3, 1990), Easter(49),
                             Easter(60), On(8, 15),      On(11, 1), On(11, 11, 1989), On(12, 24, 2025), On(12, 25),     On(12, 26)};

}  // namespace

struct CountryHolidays {
  std::string_view country;
  std::span<const HolidayRule> rules;
};

namespace {

constexpr std::array<CountryHolidays, 4> kCountries{{{"at", kAustria}, {"cz", kCzech}, {"de", kGermany}, {"pl", kPoland}}};

bool Falls(const HolidayRule& rule, const std::chrono::year_month_day& date, LocalDay day) {
  const int year = static_cast<int>(date.year());
  if (year < rule.first_year || year > rule.last_year) return false;
  if (rule.month == 0) return day == EasterSunday(date.year()) + std::chrono::days{rule.from_easter};
  return date.month() == std::chrono::month{rule.month} && date.day() == std::chrono::day{rule.day};
}

void InsertDay(std::vector<LocalDay>& days, LocalDay day) {
  const auto at = std::lower_bound(days.begin(), days.end(), day);
  if (at == days.end() || *at != day) days.insert(at, day);
}

}  // namespace

LocalDay EasterSunday(std::chrono::year year) {
  const int y = static_cast<int>(year);
  const int golden = y % 19;
  const int century = y / 100;
  const int skipped = century - century / 4 - (century - (century + 8) / 25 + 1) / 3;
  const int epact = (19 * golden + skipped + 15) % 30;
  const int weekday = (32 + 2 * (century % 4) + 2 * (y % 100 / 4) - epact - y % 100 % 4) % 7;
  const int correction = (golden + 11 * epact + 22 * weekday) / 451;
  const int days_from_march = epact + weekday - 7 * correction + 114;
  const auto month = static_cast<unsigned>(days_from_march / 31);
  const auto day = static_cast<unsigned>(days_from_march % 31 + 1);
  return LocalDay{year / std::chrono::month{month} / std::chrono::day{day}};
}

std::optional<HolidayCalendar> HolidayCalendar::OfCountry(std::string_view country) {
  for (const CountryHolidays& known : kCountries) {
    if (known.country != country) continue;
    HolidayCalendar calendar;
    calendar.country_ = &known;
    return calendar;
  }
  return std::nullopt;
}

std::vector<std::string> HolidayCalendar::Countries() {
  std::vector<std::string> names;
  for (const CountryHolidays& known : kCountries) names.emplace_back(known.country);
  return names;
}

void HolidayCalendar::Add(LocalDay day) {
  InsertDay(added_, day);
  std::erase(removed_, day);
}

void HolidayCalendar::Remove(LocalDay day) {
  InsertDay(removed_, day);
  std::erase(added_, day);
}

bool HolidayCalendar::IsHoliday(LocalDay day) const {
  if (std::binary_search(added_.begin(), added_.end(), day)) return true;
  if (country_ == nullptr || std::binary_search(removed_.begin(), removed_.end(), day)) return false;
  const std::chrono::year_month_day date{day};
  return std::any_of(country_->rules.begin(), country_->rules.end(), [&](const HolidayRule& rule) { return Falls(rule, date, day); });
}

void HolidayCalendar::AppendCanonical(std::string& out) const {
  std::string days;
  std::size_t count = 0;
  for (LocalDay day{}; day < LocalDay{std::chrono::year{2100} / 1 / 1}; day += std::chrono::days{1}) {
    if (!IsHoliday(day)) continue;
    AppendU32(days, static_cast<std::size_t>(day.time_since_epoch().count()));
    ++count;
  }
  AppendU32(out, count);
  out += days;
}

}  // namespace antiphon::calendar
