#include "engine/calendar/weekly_hours.h"

#include <algorithm>

#include "engine/calendar/canonical.h"

namespace antiphon::calendar {

using std::chrono::days;

bool WeeklyHours::never_open() const { return std::ranges::all_of(days_, &Ranges::empty); }

const WeeklyHours::Ranges& WeeklyHours::RangesOf(LocalDay day, const HolidayCalendar* holidays) const {
  if (holidays != nullptr && holidays->IsHoliday(day)) return days_[kHolidays];
  return days_[std::chrono::weekday{day}.c_encoding()];
}

std::optional<LocalTime> WeeklyHours::EndOfRangeAt(LocalTime local, const HolidayCalendar* holidays) const {
  std::optional<LocalTime> end;
  const LocalDay today = DateOf(local);
  for (const LocalDay day : {today - days{1}, today}) {
    const Milliseconds at = local - LocalTime{day};
    for (const Range& range : RangesOf(day, holidays)) {
      if (range.begin <= at && at < range.end && (!end || *end < day + range.end)) end = day + range.end;
    }
  }
  return end;
}

bool WeeklyHours::IsOpenAt(LocalTime local, const HolidayCalendar* holidays) const { return EndOfRangeAt(local, holidays).has_value(); }

LocalTime WeeklyHours::NextOpenAt(LocalTime local, LocalTime until, const HolidayCalendar* holidays) const {
  if (never_open()) return until;
  if (IsOpenAt(local, holidays)) return std::min(local, until);
  // No range holds `local`, so the next opening is the next begin of a range.
  for (LocalDay day = DateOf(local); LocalTime{day} < until; day += days{1}) {
    for (const Range& range : RangesOf(day, holidays)) {
      if (day + range.begin >= local) return std::min<LocalTime>(day + range.begin, until);
    }
  }
  return until;
}

LocalTime WeeklyHours::NextCloseAt(LocalTime local, LocalTime until, const HolidayCalendar* holidays) const {
  while (local < until) {
    const std::optional<LocalTime> end = EndOfRangeAt(local, holidays);
    if (!end) return local;
    local = *end;
  }
  return until;
}

void WeeklyHours::AppendCanonical(std::string& out) const {
  for (const Ranges& ranges : days_) {
    AppendU32(out, ranges.size());
    for (const Range& range : ranges) {
      AppendU32(out, static_cast<std::size_t>(range.begin.count()));
      AppendU32(out, static_cast<std::size_t>(range.end.count()));
    }
  }
}

namespace {

// Within a period of constant offset the wall clock runs evenly, so the search is by local time there, one period after the other.
// `next`(local, until) is the first local time that is wanted, or `until`.
template <typename Next>
std::optional<EngineTime> FirstInstant(const Zone& zone, EngineTime time, EngineTime until, const Next& next) {
  for (std::size_t period = zone.PeriodOf(time); time < until; ++period) {
    const EngineTime end = std::min(until, zone.PeriodEnd(period));
    const auto shown = LocalTime{time.time_since_epoch()} + zone.PeriodOffset(period);
    const LocalTime found = next(shown, shown + (end - time));
    if (found < shown + (end - time)) return time + (found - shown);
    time = end;
  }
  return std::nullopt;
}

}  // namespace

std::optional<EngineTime> ZonedHours::NextOpen(EngineTime time, EngineTime until) const {
  if (hours == nullptr) return time < until ? std::optional(time) : std::nullopt;
  return FirstInstant(*zone, time, until, [this](LocalTime from, LocalTime to) { return hours->NextOpenAt(from, to, holidays); });
}

std::optional<EngineTime> ZonedHours::NextClose(EngineTime time, EngineTime until) const {
  if (hours == nullptr) return std::nullopt;
  return FirstInstant(*zone, time, until, [this](LocalTime from, LocalTime to) { return hours->NextCloseAt(from, to, holidays); });
}

}  // namespace antiphon::calendar
