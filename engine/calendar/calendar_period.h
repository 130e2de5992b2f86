#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/calendar/zone.h"
#include "state/base/time.h"

namespace antiphon::calendar {

enum class CalendarPeriod : std::uint8_t { kDay, kWeek, kMonth, kYear };

// "day", "week", "month", "year".
[[nodiscard]] std::optional<CalendarPeriod> ParseCalendarPeriod(std::string_view text);

// "monday" to "sunday" or "mon" to "sun", lower case.
[[nodiscard]] std::optional<std::chrono::weekday> ParseWeekday(std::string_view text);

// PeriodGrid: time in one zone cut into calendar days, weeks, months or years, for `per: calendar month` of features and caps. Boundaries
// are first instants of local days (Zone::StartOfDay). Numbers: days since 1970-01-01; weeks, counted by their first day, from the one that
// holds 1970-01-01; months since January 1970; years since 1970. For every t: Start(Of(t)) <= t < Start(Of(t) + 1).
// Value type, immutable, no allocation in queries. Source: docs/windows.md, "Calendar periods".
class PeriodGrid {
 public:
  PeriodGrid(Zone zone, CalendarPeriod period, std::chrono::weekday week_starts = std::chrono::Monday);

  [[nodiscard]] std::int64_t Of(EngineTime time) const;
  [[nodiscard]] EngineTime Start(std::int64_t number) const;

  [[nodiscard]] EngineTime PeriodStart(EngineTime time) const { return Start(Of(time)); }
  // Exclusive: the start of the next one.
  [[nodiscard]] EngineTime PeriodEnd(EngineTime time) const { return Start(Of(time) + 1); }

 private:
  Zone zone_;
  CalendarPeriod period_;
  std::int64_t week_phase_days_ = 0;  // from the first day of the week to 1970-01-01
};

}  // namespace antiphon::calendar
