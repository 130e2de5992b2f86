#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "engine/calendar/zone.h"

namespace antiphon::calendar {

enum class Every : std::uint8_t { kOnce, kMonth, kYear };
// When a date of 29 February is kept in a year that has none.
enum class Feb29 : std::uint8_t { kFeb28, kMar1, kSkip };

// A date of the customer that comes again: `every: year, at: "10:00", feb29: feb28, offset: -30d`.
// Monthly on a day that a month lacks: its last day.
struct Anniversary {
  Every every = Every::kYear;
  Feb29 feb29 = Feb29::kFeb28;
  Milliseconds at{0};             // time of day by the zone's clock
  std::chrono::days offset{0};    // added to the date
};

// The first occurrence at or after `from`; nothing if there is none (once, and past). Never before the date itself (plus offset).
// REQUIRES: date.ok().
[[nodiscard]] std::optional<EngineTime> NextOccurrence(const Anniversary& rule, std::chrono::year_month_day date, const Zone& zone,
                                                       EngineTime from);

// Full years lived at `time` by the zone's calendar, 0 before birth. Born on 29 February: a year older on 1 March in common years.
[[nodiscard]] int AgeInYears(std::chrono::year_month_day born, const Zone& zone, EngineTime time);

}  // namespace antiphon::calendar
