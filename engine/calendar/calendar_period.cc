#include "engine/calendar/calendar_period.h"

#include <array>
#include <utility>

#include "state/base/check.h"

namespace antiphon::calendar {
namespace {

using std::chrono::days;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 7> kWeekdays = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

LocalDay FirstOfMonth(std::int64_t months) {
  const std::int64_t year = FloorDiv(months, 12);
  const auto month = static_cast<unsigned>(months - year * 12);
  return LocalDay{std::chrono::year{static_cast<int>(1970 + year)} / std::chrono::month{month + 1} / 1};
}

}  // namespace

std::optional<CalendarPeriod> ParseCalendarPeriod(std::string_view text) {
  if (text == "day") return CalendarPeriod::kDay;
  if (text == "week") return CalendarPeriod::kWeek;
  if (text == "month") return CalendarPeriod::kMonth;
  if (text == "year") return CalendarPeriod::kYear;
  return std::nullopt;
}

std::optional<std::chrono::weekday> ParseWeekday(std::string_view text) {
  for (unsigned i = 0; i < kWeekdays.size(); ++i) {
    if (text == kWeekdays[i] || text == kWeekdays[i].substr(0, 3)) return std::chrono::weekday{i};
  }
  return std::nullopt;
}

PeriodGrid::PeriodGrid(Zone zone, CalendarPeriod period, std::chrono::weekday week_starts) : zone_(std::move(zone)), period_(period) {
  ANTIPHON_CHECK(week_starts.ok());
  week_phase_days_ = (std::chrono::weekday{LocalDay{}} - week_starts).count();
}

std::int64_t PeriodGrid::Of(EngineTime time) const {
  const LocalDay day = zone_.DayOf(time);
  const std::int64_t number = day.time_since_epoch().count();
  if (period_ == CalendarPeriod::kDay) return number;
  if (period_ == CalendarPeriod::kWeek) return FloorDiv(number + week_phase_days_, 7);
  const year_month_day date{day};
  const std::int64_t years = static_cast<int>(date.year()) - 1970;
  return period_ == CalendarPeriod::kYear ? years : years * 12 + static_cast<unsigned>(date.month()) - 1;
}

EngineTime PeriodGrid::Start(std::int64_t number) const {
  switch (period_) {
    case CalendarPeriod::kDay:
      return zone_.StartOfDay(LocalDay{days{number}});
    case CalendarPeriod::kWeek:
      return zone_.StartOfDay(LocalDay{days{number * 7 - week_phase_days_}});
    case CalendarPeriod::kMonth:
      return zone_.StartOfDay(FirstOfMonth(number));
    case CalendarPeriod::kYear:
      return zone_.StartOfDay(FirstOfMonth(number * 12));
  }
  ANTIPHON_CHECK(false);
}

}  // namespace antiphon::calendar
