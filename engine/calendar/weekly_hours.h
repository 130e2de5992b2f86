#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/calendar/holidays.h"
#include "engine/calendar/local_time.h"
#include "engine/calendar/zone.h"

namespace antiphon::calendar {

// What is wrong with hours as an operator wrote them, and where.
struct HoursError {
  std::size_t entry = 0;    // which (days, hours) pair
  bool in_days = false;     // in its days, else in its hours
  std::size_t offset = 0;   // byte offset in that text
  std::string message;      // with the remedy
};

// A span of time, half-open.
struct OpenInterval {
  EngineTime start{};
  EngineTime end{};
};

// WeeklyHours: the hours of each weekday by the wall clock of a zone, for a channel's opening or a customer's quiet time, and those of
// holidays (closed where nothing is said). Hours over midnight ("21:00-08:00") belong to the day on which they begin.
// An interval is [FromLocal(start), FromLocal(end)) of its day: where clocks go forward over its edge it begins or ends with the change, and
// where they go back an hour shown twice counts as one long hour. Immutable value. Source: docs/opening-hours.md.
class WeeklyHours {
 public:
  // Entries such as {"mon-fri", "09:30-11:30,13:30-16:30"}, {"every day", "08:00-20:00"}, {"sat,sun", "closed"}, {"holidays", "10:00-12:00"}.
  // A later entry for the same day replaces an earlier one. "24:00" ends a day.
  [[nodiscard]] static std::expected<WeeklyHours, HoursError> Parse(std::span<const std::pair<std::string, std::string>> entries);

  [[nodiscard]] bool IsOpen(const Zone& zone, const HolidayCalendar& holidays, EngineTime time) const;
  // The interval that holds `time` or is the next to begin, adjoining ones joined (up to a week); nothing within 400 days.
  [[nodiscard]] std::optional<OpenInterval> NextInterval(const Zone& zone, const HolidayCalendar& holidays, EngineTime time) const;

  // False if no weekday and no holiday has an hour.
  [[nodiscard]] bool EverOpen() const;

  void AppendCanonical(std::string& out) const;

 private:
  // Of one day: [start, end) in milliseconds since its midnight; `end` is past 24 h over midnight. Sorted, not overlapping within a day.
  using DayHours = std::vector<std::pair<Milliseconds, Milliseconds>>;

  [[nodiscard]] const DayHours& HoursOf(const HolidayCalendar& holidays, LocalDay day) const;
  [[nodiscard]] std::optional<OpenInterval> NextPiece(const Zone& zone, const HolidayCalendar& holidays, EngineTime time) const;

  std::array<DayHours, 7> weekdays_;  // by weekday, Sunday 0
  DayHours holidays_;
};

}  // namespace antiphon::calendar
