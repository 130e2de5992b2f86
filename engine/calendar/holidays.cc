#include "engine/calendar/holidays.h"

#include <algorithm>

#include "engine/calendar/canonical.h"
#include "engine/calendar/holiday_rules.h"
#include "engine/calendar/nearest_name.h"

namespace antiphon::calendar {

LocalDay EasterSunday(std::chrono::year year) {
  const int y = static_cast<int>(year);
  const int golden = y % 19;
  const int century = y / 100;
  const int of_century = y % 100;
  const int epact = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
  const int weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
  const int correction = (golden + 11 * epact + 22 * weekday) / 451;
  const int march = epact + weekday - 7 * correction + 22;  // day of March, counted on into April
  return LocalDay{year / std::chrono::March / 1} + std::chrono::days{march - 1};
}

Result<HolidayCalendar> HolidayCalendar::Create(const HolidaySpec& spec) {
  auto expanded = std::make_shared<std::bitset<kDays>>();
  if (!spec.country.empty()) {
    const auto rules = HolidayRulesOf(spec.country);
    if (!rules) {
      const std::vector<std::string> known(HolidayCountries().begin(), HolidayCountries().end());
      std::string list;
      for (const std::string& code : known) list += (list.empty() ? "" : ", ") + code;
      return Fail(Recovery::kStopProcess, "no holidays are built in for '" + spec.country + "'" + DidYouMean(spec.country, known) +
                                              " (known: " + list + "); other days can be listed by date");
    }
    for (LocalDay day = kFirst; day < kEnd; day += std::chrono::days{1}) {
      const bool holiday = std::ranges::any_of(*rules, [day](const HolidayRule& rule) { return Matches(rule, day); });
      if (holiday) expanded->set(static_cast<std::size_t>((day - kFirst).count()));
    }
  }
  const auto mark = [&](const std::vector<LocalDay>& days, bool holiday) {
    return std::ranges::all_of(days, [&](LocalDay day) {
      if (day < kFirst || day >= kEnd) return false;
      expanded->set(static_cast<std::size_t>((day - kFirst).count()), holiday);
      return true;
    });
  };
  if (!mark(spec.added, true) || !mark(spec.removed, false)) {
    return Fail(Recovery::kStopProcess, "a date listed as holiday or working day is outside 1970 to 2100");
  }
  HolidayCalendar calendar;
  calendar.days_ = std::move(expanded);
  calendar.country_ = spec.country;
  return calendar;
}

std::string_view HolidayCalendar::NameOf(LocalDay day) const {
  if (!IsHoliday(day)) return {};
  if (const auto rules = HolidayRulesOf(country_)) {
    for (const HolidayRule& rule : *rules) {
      if (Matches(rule, day)) return rule.name;
    }
  }
  return "added by the topology";
}

void HolidayCalendar::AppendCanonical(std::string& out) const {
  AppendU32(out, days_ == nullptr ? 0 : days_->count());
  for (LocalDay day = kFirst; day < kEnd; day += std::chrono::days{1}) {
    if (IsHoliday(day)) AppendU32(out, static_cast<std::size_t>((day - kFirst).count()));
  }
}

}  // namespace antiphon::calendar
