#include "engine/calendar/weekly_hours.h"

#include <algorithm>
#include <bitset>
#include <string_view>

#include "engine/calendar/calendar_period.h"
#include "engine/calendar/canonical.h"

namespace antiphon::calendar {
namespace {

using std::chrono::days;

constexpr std::size_t kHolidays = 7;  // beside the weekdays 0 to 6
constexpr int kDaysAhead = 400;       // beyond it nothing is said to open again
using DaySet = std::bitset<8>;

struct TextError {
  std::size_t offset = 0;
  std::string message;
};

// The parts between commas with their offsets, blanks around them left out.
std::vector<std::pair<std::size_t, std::string_view>> SplitAtCommas(std::string_view text) {
  std::vector<std::pair<std::size_t, std::string_view>> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    std::size_t first = begin;
    std::size_t last = comma;
    while (first < last && text[first] == ' ') ++first;
    while (last > first && text[last - 1] == ' ') --last;
    parts.emplace_back(first, text.substr(first, last - first));
    if (comma == text.size()) return parts;
    begin = comma + 1;
  }
}

std::expected<DaySet, TextError> ParseDays(std::string_view text) {
  DaySet set;
  for (const auto& [offset, part] : SplitAtCommas(text)) {
    if (part == "every day") {
      for (std::size_t day = 0; day < 7; ++day) set.set(day);
      continue;
    }
    if (part == "holidays") {
      set.set(kHolidays);
      continue;
    }
    const std::size_t dash = part.find('-');
    const auto first = ParseWeekday(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : ParseWeekday(part.substr(dash + 1));
    if (!first || !last) {
      return std::unexpected(TextError{offset, "\"" + std::string(part) +
                                                   "\" names no days; write mon, mon-fri, sat,sun, every day or holidays"});
    }
    for (std::chrono::weekday day = *first;; ++day) {
      set.set(day.c_encoding());
      if (day == *last) break;
    }
  }
  return set;
}

std::expected<std::vector<std::pair<Milliseconds, Milliseconds>>, TextError> ParseHours(std::string_view text) {
  std::vector<std::pair<Milliseconds, Milliseconds>> hours;
  if (text == "closed") return hours;
  for (const auto& [offset, part] : SplitAtCommas(text)) {
    const std::size_t dash = part.find('-');
    const auto start = ParseTimeOfDay(part.substr(0, dash));
    const auto end = dash == std::string_view::npos ? std::nullopt : ParseTimeOfDay(part.substr(dash + 1));
    if (!start || !end || *start == kDayLength) {
      return std::unexpected(TextError{offset, "\"" + std::string(part) + "\" is no span of hours; write 09:30-16:30, several with commas, or closed"});
    }
    if (*start == *end) return std::unexpected(TextError{offset, "\"" + std::string(part) + "\" is empty; for a whole day write 00:00-24:00"});
    hours.emplace_back(*start, *end > *start ? *end : *end + kDayLength);
  }
  std::sort(hours.begin(), hours.end());
  std::vector<std::pair<Milliseconds, Milliseconds>> joined;
  for (const auto& span : hours) {
    if (!joined.empty() && span.first <= joined.back().second) {
      joined.back().second = std::max(joined.back().second, span.second);
    } else {
      joined.push_back(span);
    }
  }
  return joined;
}

}  // namespace

std::expected<WeeklyHours, HoursError> WeeklyHours::Parse(std::span<const std::pair<std::string, std::string>> entries) {
  WeeklyHours result;
  for (std::size_t entry = 0; entry < entries.size(); ++entry) {
    const auto set = ParseDays(entries[entry].first);
    if (!set) return std::unexpected(HoursError{entry, true, set.error().offset, set.error().message});
    const auto hours = ParseHours(entries[entry].second);
    if (!hours) return std::unexpected(HoursError{entry, false, hours.error().offset, hours.error().message});
    for (std::size_t day = 0; day < 7; ++day) {
      if (set->test(day)) result.weekdays_.at(day) = *hours;
    }
    if (set->test(kHolidays)) result.holidays_ = *hours;
  }
  return result;
}

const WeeklyHours::DayHours& WeeklyHours::HoursOf(const HolidayCalendar& holidays, LocalDay day) const {
  if (holidays.IsHoliday(day)) return holidays_;
  return weekdays_.at(std::chrono::weekday{day}.c_encoding());
}

std::optional<OpenInterval> WeeklyHours::NextPiece(const Zone& zone, const HolidayCalendar& holidays, EngineTime time) const {
  // Hours over midnight may have begun the day before; a change of clocks may shift a day's edge by one more.
  const LocalDay today = zone.DayOf(time);
  std::optional<OpenInterval> best;
  for (LocalDay day = today - days{2}; day <= today + days{kDaysAhead}; day += days{1}) {
    if (best && zone.StartOfDay(day) > best->start) break;
    for (const auto& [start, end] : HoursOf(holidays, day)) {
      const OpenInterval piece{.start = zone.FromLocal(LocalTime{day} + start), .end = zone.FromLocal(LocalTime{day} + end)};
      if (piece.end <= time || piece.start >= piece.end) continue;
      if (!best || piece.start < best->start) best = piece;
    }
  }
  return best;
}

std::optional<OpenInterval> WeeklyHours::NextInterval(const Zone& zone, const HolidayCalendar& holidays, EngineTime time) const {
  auto interval = NextPiece(zone, holidays, time);
  if (!interval) return std::nullopt;
  const EngineTime bound = interval->start + days{7};
  while (interval->end < bound) {
    const auto next = NextPiece(zone, holidays, interval->end);
    if (!next || next->start > interval->end) break;
    interval->end = next->end;
  }
  return interval;
}

bool WeeklyHours::IsOpen(const Zone& zone, const HolidayCalendar& holidays, EngineTime time) const {
  const LocalDay today = zone.DayOf(time);
  for (LocalDay day = today - days{2}; day <= today + days{1}; day += days{1}) {
    for (const auto& [start, end] : HoursOf(holidays, day)) {
      if (zone.FromLocal(LocalTime{day} + start) <= time && time < zone.FromLocal(LocalTime{day} + end)) return true;
    }
  }
  return false;
}

bool WeeklyHours::EverOpen() const {
  return !holidays_.empty() || std::any_of(weekdays_.begin(), weekdays_.end(), [](const DayHours& day) { return !day.empty(); });
}

void WeeklyHours::AppendCanonical(std::string& out) const {
  const auto append = [&out](const DayHours& hours) {
    AppendU32(out, hours.size());
    for (const auto& [start, end] : hours) {
      AppendI64(out, start.count());
      AppendI64(out, end.count());
    }
  };
  for (const DayHours& day : weekdays_) append(day);
  append(holidays_);
}

}  // namespace antiphon::calendar
