#pragma once

#include <optional>

#include "engine/calendar/holidays.h"
#include "engine/calendar/weekly_hours.h"
#include "engine/calendar/zone.h"

namespace antiphon::calendar {

// Hours with the clock and the holidays by which they go. Points to what the topology owns.
struct HoursInZone {
  const WeeklyHours* hours = nullptr;         // nullptr: always (for quiet hours: never)
  const HolidayCalendar* holidays = nullptr;  // nullptr: none
  const Zone* zone = nullptr;                 // REQUIRES: there where `hours` is
};

// The channel on which an answer is invited must be open for `open_for` on end (0: at some moment) within `open_within` after the
// message, so that nothing is sent so late on a Friday that nobody could answer.
struct ReplyHours {
  HoursInZone channel;
  Milliseconds open_within{0};
  Milliseconds open_for{0};
};

struct SayableQuestion {
  HoursInZone open;
  HoursInZone quiet;
  std::optional<ReplyHours> reply;
};

inline constexpr Milliseconds kScheduleHorizon = std::chrono::days{60};

// The earliest time t, at <= t < at + kScheduleHorizon, at which all holds: open, not quiet, and the reply channel open soon enough after.
// Jumps from edge to edge. Pure. Source: docs/opening-hours.md, "Planned time".
[[nodiscard]] std::optional<EngineTime> EarliestSayable(const SayableQuestion& question, EngineTime at);

}  // namespace antiphon::calendar
