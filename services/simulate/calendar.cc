#include "services/simulate/calendar.h"

#include <algorithm>

namespace antiphon::simulate {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::sys_days;
using std::chrono::year_month_day;

bool IsFixedHoliday(const year_month_day& date) {
  const unsigned key = unsigned{date.month()} * 100 + unsigned{date.day()};
  constexpr unsigned kHolidays[] = {101, 501, 508, 705, 706, 928, 1028, 1117, 1224, 1225, 1226};
  return std::ranges::find(kHolidays, key) != std::end(kHolidays);
}

std::uint32_t WeekdayOf(sys_days date) { return std::chrono::weekday{date}.iso_encoding() - 1; }

bool IsBusiness(sys_days date) { return WeekdayOf(date) < 5 && !IsFixedHoliday(year_month_day{date}); }

EngineTime LastSundayAtOne(std::chrono::year year, std::chrono::month month) {
  return sys_days{year / month / std::chrono::Sunday[std::chrono::last]} + hours{1};
}

}  // namespace

EngineTime Day::At(std::int64_t ms_of_day) const {
  const EngineTime local = date + Milliseconds{std::min(ms_of_day, kLastMsOfDay)};
  const EngineTime in_summer = local - hours{2};
  return in_summer >= summer_begins && in_summer < summer_ends ? in_summer : local - hours{1};
}

Day MakeDay(sys_days first_day, std::int32_t number) {
  Day day;
  day.number = number;
  day.date = first_day + days{number};
  const year_month_day date{day.date};
  day.year = int{date.year()};
  day.month = unsigned{date.month()};
  day.day_of_month = unsigned{date.day()};
  day.weekday = WeekdayOf(day.date);
  day.business = IsBusiness(day.date);
  day.month_end = year_month_day{day.date + days{1}}.month() != date.month();
  day.summer_begins = LastSundayAtOne(date.year(), std::chrono::March);
  day.summer_ends = LastSundayAtOne(date.year(), std::chrono::October);
  if (day.business) {
    sys_days due = day.date;
    do {
      day.pay_mask |= 1U << unsigned{year_month_day{due}.day()};
      due += days{1};
    } while (!IsBusiness(due));
  }
  return day;
}

std::int32_t AgeOn(sys_days birth, sys_days date) {
  const year_month_day from{birth};
  const year_month_day to{date};
  const std::int32_t years = int{to.year()} - int{from.year()};
  const bool before_birthday = to.month() < from.month() || (to.month() == from.month() && to.day() < from.day());
  return years - (before_birthday ? 1 : 0);
}

}  // namespace antiphon::simulate
