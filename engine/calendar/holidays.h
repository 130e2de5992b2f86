#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/calendar/local_time.h"

namespace antiphon::calendar {

// HolidayCalendar: the days of a country on which a bank's channels rest, by rule (so that any year of a log has them), with days that the
// operator adds or removes. Immutable value, safe to share. Built-in countries: docs/opening-hours.md, "Holidays".
class HolidayCalendar {
 public:
  // No day at all.
  HolidayCalendar() = default;

  // Nothing if the country is not built in.
  [[nodiscard]] static std::optional<HolidayCalendar> OfCountry(std::string_view country);
  [[nodiscard]] static std::vector<std::string> Countries();

  void Add(LocalDay day);
  void Remove(LocalDay day);

  [[nodiscard]] bool IsHoliday(LocalDay day) const;

  // The bytes by which the topology's version knows the calendar: every holiday from 1970 to 2100 as a day number.
  void AppendCanonical(std::string& out) const;

 private:
  const struct CountryHolidays* country_ = nullptr;  // static data
  std::vector<LocalDay> added_;                      // sorted
  std::vector<LocalDay> removed_;
};

// Easter Sunday of the Gregorian calendar (the anonymous computus, Nature 1876). REQUIRES: a year from 1583 on.
[[nodiscard]] LocalDay EasterSunday(std::chrono::year year);

}  // namespace antiphon::calendar
