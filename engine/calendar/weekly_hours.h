#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/calendar/holidays.h"
#include "engine/calendar/local_time.h"
#include "engine/calendar/zone.h"
#include "state/base/time.h"

namespace antiphon::calendar {

// One line of opening or quiet hours as the topology writes it: {"mon-fri": "09:30-11:30,13:30-16:30"}.
struct HoursLine {
  std::string_view days;
  std::string_view hours;
};

// What is wrong with a line, and where: `line` is its index, `offset` a byte of the named part. The message ends with the remedy.
struct HoursError {
  enum class Part : std::uint8_t { kDays, kHours };

  std::size_t line = 0;
  Part part = Part::kDays;
  std::size_t offset = 0;
  std::string message;
};

// WeeklyHours: ranges of wall-clock time by weekday, and on holidays; opening hours of channels, quiet hours of customers.
// Value type, immutable, no allocation in queries. Source and grammar: docs/opening-hours.md.
//
//   days  = "every day" | "holidays" | day ("," day)*        day   = name | name "-" name      (fri-mon goes over the week's end)
//   hours = "closed" | range ("," range)*                    range = HH:MM "-" HH:MM           (24:00 as an end; 21:00-08:00 goes on into
//   the
//                                                                                               next day)
// Lower case; spaces around words, commas and hyphens are ignored. "every day" holds for the weekdays that no other line names. A weekday
// named in several lines has the hours of all of them; ranges that overlap or touch are one. Days that nothing names are closed. A range
// belongs to the day on which it begins: one over midnight that begins on Friday is open on Saturday morning whatever Saturday says.
class WeeklyHours {
 public:
  // Closed always.
  WeeklyHours() = default;

  [[nodiscard]] static std::expected<WeeklyHours, HoursError> Parse(std::span<const HoursLine> lines);

  // Is there a line for "holidays"? Without one, a holiday is closed.
  [[nodiscard]] bool names_holidays() const { return names_holidays_; }
  // No range at all.
  [[nodiscard]] bool never_open() const;

  // By the wall clock. `holidays` may be null: then no day is a holiday.
  [[nodiscard]] bool IsOpenAt(LocalTime local, const HolidayCalendar* holidays) const;
  // The first local time from `local` on, and before `until`, at which it is open (closed); `until` if there is none.
  [[nodiscard]] LocalTime NextOpenAt(LocalTime local, LocalTime until, const HolidayCalendar* holidays) const;
  [[nodiscard]] LocalTime NextCloseAt(LocalTime local, LocalTime until, const HolidayCalendar* holidays) const;

  // For each weekday from Sunday and then for holidays: u32 count of ranges, for each begin and end (u32, ms since the day's midnight).
  void AppendCanonical(std::string& out) const;

  friend bool operator==(const WeeklyHours&, const WeeklyHours&) = default;

 private:
  static constexpr std::size_t kHolidays = 7;  // after the weekdays, Sunday first as std::chrono counts

  struct Range {
    Milliseconds begin;  // since the midnight of its day
    Milliseconds end;    // exclusive; more than a day if it goes on into the next one

    friend bool operator==(const Range&, const Range&) = default;
  };
  using Ranges = std::vector<Range>;

  [[nodiscard]] const Ranges& RangesOf(LocalDay day, const HolidayCalendar* holidays) const;
  // The end of a range that holds `local`, the latest if two do.
  [[nodiscard]] std::optional<LocalTime> EndOfRangeAt(LocalTime local, const HolidayCalendar* holidays) const;

  std::array<Ranges, 8> days_;  // each in order, disjoint, not touching
  bool names_holidays_ = false;
};

// ZonedHours: weekly hours in a zone, under a calendar of holidays. A view: what it points to must outlive it.
// The state at an instant is what the wall clock of that instant says: an hour that is skipped is not open, one that is shown twice is open
// (or closed) twice.
struct ZonedHours {
  const WeeklyHours* hours = nullptr;  // null: always open
  const Zone* zone = nullptr;          // REQUIRES: not null if hours is not
  const HolidayCalendar* holidays = nullptr;

  // How far queries look ahead if no `until` is given: further than any rule by which a week differs from the next.
  static constexpr Milliseconds kReach = std::chrono::days{800};

  [[nodiscard]] bool IsOpen(EngineTime time) const { return hours == nullptr || hours->IsOpenAt(zone->ToLocal(time), holidays); }
  // The earliest instant at or after `time`, and before `until`, at which it is open (closed); nothing if there is none. O(days passed).
  [[nodiscard]] std::optional<EngineTime> NextOpen(EngineTime time, EngineTime until) const;
  [[nodiscard]] std::optional<EngineTime> NextClose(EngineTime time, EngineTime until) const;
  [[nodiscard]] std::optional<EngineTime> NextOpen(EngineTime time) const { return NextOpen(time, time + kReach); }
  [[nodiscard]] std::optional<EngineTime> NextClose(EngineTime time) const { return NextClose(time, time + kReach); }
};

}  // namespace antiphon::calendar
