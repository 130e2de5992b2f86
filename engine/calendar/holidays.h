#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/calendar/local_time.h"
#include "state/base/result.h"

namespace antiphon::calendar {

// Easter Sunday of the Gregorian calendar. Source: J. Meeus, Astronomical Algorithms, chapter 8 (Meeus/Jones/Butcher). REQUIRES: 1583 to
// 9999.
[[nodiscard]] LocalDay EasterSunday(std::chrono::year year);

// What an operator may say of a calendar: a built-in country, and days on which he differs from it.
struct HolidaySpec {
  std::string country = {};  // a code of HolidayCountries(), or empty: only `added`
  std::vector<LocalDay> added = {};
  std::vector<LocalDay> removed = {};  // wins over `added`
};

// HolidayCalendar: the public holidays of a country, 1970 to 2100, as days of its own calendar. Weekends are no holidays by themselves.
// Value type, immutable, cheap to copy, no allocation in queries. The rules are data, with the statute beside each country, in
// holiday_rules.cc. The expanded days are part of the topology's version (AppendCanonical). Source: docs/opening-hours.md, "Holidays".
class HolidayCalendar {
 public:
  // No holidays at all.
  HolidayCalendar() = default;

  // Error if the country is unknown (with the nearest codes), or if a day is outside 1970 to 2100.
  [[nodiscard]] static Result<HolidayCalendar> Create(const HolidaySpec& spec);

  [[nodiscard]] bool IsHoliday(LocalDay day) const {
    const std::int64_t index = (day - kFirst).count();
    return days_ != nullptr && index >= 0 && index < static_cast<std::int64_t>(kDays) && days_->test(static_cast<std::size_t>(index));
  }

  // What the day is called in English; empty if it is no holiday, "added by the topology" if the country does not have it. O(rules).
  [[nodiscard]] std::string_view NameOf(LocalDay day) const;

  // u32 count of the holidays, then for each the day number since 1970-01-01 (u32), ascending.
  void AppendCanonical(std::string& out) const;

  static constexpr LocalDay kFirst{std::chrono::year{1970} / 1 / 1};
  static constexpr LocalDay kEnd{std::chrono::year{2101} / 1 / 1};

 private:
  static constexpr std::size_t kDays = static_cast<std::size_t>((kEnd - kFirst).count());

  std::shared_ptr<const std::bitset<kDays>> days_;
  std::string country_;
};

// The codes that are built in, sorted: ISO 3166, lower case. Nationwide holidays only; gb is England and Wales.
[[nodiscard]] std::span<const std::string_view> HolidayCountries();

}  // namespace antiphon::calendar
