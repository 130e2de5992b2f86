#include "engine/calendar/anniversary.h"

#include <algorithm>

#include "state/base/check.h"

namespace antiphon::calendar {
namespace {

using std::chrono::days;
using std::chrono::months;
using std::chrono::year_month;
using std::chrono::year_month_day;
using std::chrono::years;

constexpr EngineTime kEnd{std::chrono::sys_days{std::chrono::year{2101} / 1 / 1}};

// The n-th anniversary; nothing if that year skips it.
std::optional<LocalDay> Anniversary(year_month_day date, int n, Feb29 feb29) {
  const year_month_day same = date + years{n};
  if (same.ok()) return LocalDay{same};
  // Only 29 February is absent from some years.
  switch (feb29) {
    case Feb29::kFeb28:
      return LocalDay{same.year() / std::chrono::February / 28};
    case Feb29::kMar1:
      return LocalDay{same.year() / std::chrono::March / 1};
    case Feb29::kSkip:
      break;
  }
  return std::nullopt;
}

LocalDay MonthDay(year_month_day date, int n) {
  const year_month month = year_month{date.year(), date.month()} + months{n};
  return LocalDay{month / std::min(date.day(), (month / std::chrono::last).day())};
}

int MonthsBetween(year_month_day from, year_month_day to) {
  return static_cast<int>((year_month{to.year(), to.month()} - year_month{from.year(), from.month()}).count());
}

}  // namespace

std::optional<Every> ParseEvery(std::string_view text) {
  if (text == "once") return Every::kOnce;
  if (text == "year") return Every::kYear;
  if (text == "month") return Every::kMonth;
  return std::nullopt;
}

std::optional<Feb29> ParseFeb29(std::string_view text) {
  if (text == "feb28") return Feb29::kFeb28;
  if (text == "mar1") return Feb29::kMar1;
  if (text == "skip") return Feb29::kSkip;
  return std::nullopt;
}

std::optional<EngineTime> NextOccurrence(const Zone& zone, const DateRule& rule, year_month_day date, EngineTime time, From from) {
  ANTIPHON_CHECK(date.ok() && rule.offset_days >= -100'000 && rule.offset_days <= 100'000);
  const auto accept = [&](LocalDay day) -> std::optional<EngineTime> {
    const EngineTime at = zone.FromLocal(LocalTime{day + days{rule.offset_days}} + rule.at);
    if (at >= kEnd || at < time || (at == time && from == From::kAfter)) return std::nullopt;
    return at;
  };
  if (rule.every == Every::kOnce) return accept(LocalDay{date});
  // The date of `time` without the offset says about which repetition is next; it is at most one earlier.
  const year_month_day near{zone.DayOf(time) - days{rule.offset_days}};
  if (rule.every == Every::kMonth) {
    const int first = std::max(1, MonthsBetween(date, near) - 1);
    for (int n = first; n < first + 5; ++n) {
      if (const auto at = accept(MonthDay(date, n))) return at;
    }
    return std::nullopt;
  }
  // Up to eight years lie between two days of 29 February.
  const int first = std::max(1, static_cast<int>((near.year() - date.year()).count()) - 1);
  for (int n = first; n < first + 12; ++n) {
    const std::optional<LocalDay> day = Anniversary(date, n, rule.feb29);
    if (!day) continue;
    if (const auto at = accept(*day)) return at;
  }
  return std::nullopt;
}

std::optional<int> AgeInYears(const Zone& zone, year_month_day birth_date, EngineTime time) {
  ANTIPHON_CHECK(birth_date.ok());
  const year_month_day today{zone.DayOf(time)};
  if (today < birth_date) return std::nullopt;
  const bool before_birthday = today.month() / today.day() < birth_date.month() / birth_date.day();
  return static_cast<int>((today.year() - birth_date.year()).count()) - (before_birthday ? 1 : 0);
}

}  // namespace antiphon::calendar
