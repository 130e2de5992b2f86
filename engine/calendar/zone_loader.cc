#include "engine/calendar/zone_loader.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <map>

#include "engine/calendar/nearest_name.h"

namespace antiphon::calendar {
namespace {

using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year;

constexpr year kFirstYear{1970};
constexpr year kLastYear{2100};
constexpr year kTableYear{2037};  // up to here a "fat" zone file holds every transition

sys_days FirstOfMarch(year y) { return sys_days{y / std::chrono::March / 1}; }
year YearOf(EngineTime time) { return std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(time)}.year(); }

// Files of the zone folder that are no places: leap-second and POSIX variants, defaults of programs.
bool IsPlace(std::string_view name) {
  for (const std::string_view prefix : {"right/", "posix/", "posixrules", "Factory", "localtime"}) {
    if (name.starts_with(prefix)) return false;
  }
  return true;
}

// A zone database built with `zic -b slim` ends its tables long before 2037, and the library would show winter time for ever after.
bool TablesReach2037() {
  bool any_zone = false;
  for (const char* name : {"Europe/Prague", "America/New_York", "Australia/Sydney"}) {
    try {
      const date::time_zone* const zone = date::locate_zone(name);
      any_zone = true;
      const sys_seconds january = sys_days{kTableYear / std::chrono::January / 15};
      const sys_seconds july = sys_days{kTableYear / std::chrono::July / 15};
      if (zone->get_info(january).offset != zone->get_info(july).offset) return true;
    } catch (const std::exception&) {
      continue;  // a system with few zones
    }
  }
  return !any_zone;
}

// Continues `transitions` from the last year of the table to 2100; see the header.
void Continue(std::vector<Zone::Transition>& transitions) {
  if (transitions.empty() || YearOf(transitions.back().at) < kTableYear) return;
  std::map<year, std::vector<Zone::Transition>> by_year;
  for (const Zone::Transition& transition : transitions) by_year[YearOf(transition.at)].push_back(transition);
  for (year y = by_year.rbegin()->first + std::chrono::years{1}; y <= kLastYear; ++y) {
    year like = y - std::chrono::years{1};
    while (std::chrono::weekday{FirstOfMarch(like)} != std::chrono::weekday{FirstOfMarch(y)}) --like;
    const auto found = by_year.find(like);
    if (found == by_year.end()) continue;
    for (const Zone::Transition& transition : found->second) {
      transitions.push_back({transition.at + (FirstOfMarch(y) - FirstOfMarch(like)), transition.offset});
      by_year[y].push_back(transitions.back());
    }
  }
}

}  // namespace

Result<Zone> LoadZone(std::string_view name) {
  try {
    const date::time_zone* zone = nullptr;
    if (IsPlace(name)) {
      try {
        zone = date::locate_zone(name);
      } catch (const std::exception&) {
        zone = nullptr;  // the library's word for an unknown name
      }
    }
    if (zone == nullptr) {
      const std::vector<std::string> names = ZoneNames();
      if (names.empty()) {
        return Fail(Recovery::kStopProcess, "the system has no time zone data (package tzdata): zone '" + std::string(name) + "'");
      }
      return Fail(Recovery::kStopProcess, "unknown time zone '" + std::string(name) + "'" + DidYouMean(name, names));
    }
    if (!TablesReach2037()) {
      return Fail(
          Recovery::kStopProcess,
          "the system's time zone data ends before 2037 (built with 'zic -b slim'); install a full one ('zic -b fat', Debian's tzdata)");
    }
    const sys_seconds begin = sys_days{kFirstYear / std::chrono::January / 1};
    const sys_seconds end = sys_days{(kLastYear + std::chrono::years{1}) / std::chrono::January / 1};
    date::sys_info info = zone->get_info(begin);
    const std::chrono::seconds first_offset = info.offset;
    std::vector<Zone::Transition> transitions;
    while (info.end < end) {
      info = zone->get_info(info.end);
      transitions.push_back({info.begin, info.offset});
    }
    Continue(transitions);
    return Zone::Create(std::string(name), first_offset, transitions);
  } catch (const std::exception& failure) {
    return Fail(Recovery::kStopProcess, "time zone '" + std::string(name) + "' cannot be read: " + failure.what());
  }
}

std::vector<std::string> ZoneNames() {
  std::vector<std::string> names;
  try {
    for (const date::time_zone& zone : date::get_tzdb().zones) {
      if (IsPlace(zone.name())) names.push_back(zone.name());
    }
  } catch (const std::exception&) {
    return {};
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace antiphon::calendar
