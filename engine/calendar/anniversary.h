#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/calendar/local_time.h"
#include "engine/calendar/zone.h"
#include "state/base/time.h"

namespace antiphon::calendar {

enum class Every : std::uint8_t { kOnce, kYear, kMonth };

// Where a yearly date of 29 February stands in a common year.
enum class Feb29 : std::uint8_t { kFeb28, kMar1, kSkip };

// "once", "year", "month"; "feb28", "mar1", "skip".
[[nodiscard]] std::optional<Every> ParseEvery(std::string_view text);
[[nodiscard]] std::optional<Feb29> ParseFeb29(std::string_view text);

// DateRule: when a date of the customer (birth, end of a loan) makes a moment. Source: docs/windows.md, "Dates of the customer".
//   once   the date itself;
//   year   its anniversaries: the same month and day from the next year on, 29 February by `feb29`;
//   month  the same day from the next month on, in a shorter month its last day (31st: 28 or 29 February, 30 April).
// Then `offset_days` later (negative: before), at `at` by the zone's clock: a time that the clock skips is the first instant after the gap,
// one that it shows twice the earlier.
struct DateRule {
  Every every = Every::kYear;
  Milliseconds at{0};  // since midnight, less than a day
  Feb29 feb29 = Feb29::kFeb28;
  int offset_days = 0;
};

// May the occurrence be at the very instant asked from?
enum class From : std::uint8_t { kAfter, kAtOrAfter };

// The next occurrence after (or at) `time`; nothing if there is none before 2101. No allocation, a few candidates are tried.
// REQUIRES: date.ok(), |offset_days| <= 100,000.
[[nodiscard]] std::optional<EngineTime> NextOccurrence(const Zone& zone, const DateRule& rule, std::chrono::year_month_day date,
                                                       EngineTime time, From from = From::kAfter);

// Full years of age on the zone's date of `time`; nothing before the date of birth. A year is full from the beginning of the birthday; who
// was born on 29 February has it on 1 March in common years. REQUIRES: birth_date.ok().
[[nodiscard]] std::optional<int> AgeInYears(const Zone& zone, std::chrono::year_month_day birth_date, EngineTime time);

}  // namespace antiphon::calendar
