#include "engine/calendar/anniversary.h"

#include <algorithm>
#include <utility>

namespace antiphon::calendar {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::months;
using std::chrono::year;
using std::chrono::year_month;
using std::chrono::year_month_day;

// A date whose day the month may lack.
std::optional<LocalDay> InMonth(const Anniversary& rule, year_month where, day wanted) {
  const year_month_day date = where / wanted;
  if (date.ok()) return LocalDay{date};
  const LocalDay last{where / std::chrono::last};
  if (rule.every == Every::kMonth) return last;
  switch (rule.feb29) {
    case Feb29::kFeb28:
      return last;
    case Feb29::kMar1:
      return last + std::chrono::days{1};
    case Feb29::kSkip:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::optional<EngineTime> NextOccurrence(const Anniversary& rule, year_month_day date, const Zone& zone, EngineTime from) {
  const auto instant = [&](LocalDay local) { return zone.FromLocal(LocalTime{local + rule.offset} + rule.at); };
  if (rule.every == Every::kOnce) {
    const EngineTime only = instant(LocalDay{date});
    return only >= from ? std::optional(only) : std::nullopt;
  }
  // From a little before `from`, but not before the date itself; 9 years ahead there is a leap year in any case.
  const bool monthly = rule.every == Every::kMonth;
  const year_month_day around{zone.DayOf(from) - rule.offset};
  year_month where = monthly ? year_month{around.year(), around.month()} - months{1}
                             : year_month{around.year() - std::chrono::years{1}, date.month()};
  where = std::max(where, year_month{date.year(), date.month()});
  for (int tries = 0; tries < 12; ++tries, where += months{monthly ? 1 : 12}) {
    const auto local = InMonth(rule, where, date.day());
    if (local && instant(*local) >= from) return instant(*local);
  }
  return std::nullopt;
}

int AgeInYears(year_month_day born, const Zone& zone, EngineTime time) {
  const year_month_day today{zone.DayOf(time)};
  const int years = static_cast<int>(today.year()) - static_cast<int>(born.year());
  const bool before_birthday = std::pair(today.month(), today.day()) < std::pair(born.month(), born.day());
  return std::max(0, years - (before_birthday ? 1 : 0));
}

}  // namespace antiphon::calendar
