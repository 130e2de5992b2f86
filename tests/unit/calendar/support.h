#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/calendar/zone.h"
#include "engine/calendar/zone_loader.h"
#include "state/base/time.h"

namespace antiphon::calendar {

// A property, checked with `cases` random cases (rounded down to hundreds); a failure prints the seed and the smallest case.
template <typename Property>
void Holds(const char* name, const Property& property, int cases = 200) {
  EXPECT_TRUE(rc::check(name, [&] {
    for (int done = 0; done < cases; done += 100) property();
  }));
}

inline const Zone& ZoneNamed(const std::string& name) {
  static std::map<std::string, Zone> zones;
  const auto found = zones.find(name);
  if (found != zones.end()) return found->second;
  Result<Zone> zone = LoadZone(name);
  if (!zone) throw std::runtime_error(zone.error().message);
  return zones.emplace(name, *zone).first->second;
}

inline EngineTime At(std::string_view rfc3339) {
  const std::optional<EngineTime> time = ParseTime(rfc3339);
  if (!time) throw std::runtime_error("no time: " + std::string(rfc3339));
  return *time;
}

// "2026-03-29 02:30" or "2026-03-29" as a local time.
inline LocalTime Local(std::string text) {
  if (text.size() == 10) text += " 00:00";
  return LocalTime{At(text + ":00Z").time_since_epoch()};
}
inline LocalDay Day(std::string text) { return DateOf(Local(std::move(text))); }

inline std::string Shown(LocalTime local) { return FormatTime(EngineTime{local.time_since_epoch()}).substr(0, 16); }

// Zones with every oddity that we know: fixed, half hours, midnight changes, over midnight, a skipped day, no change at all.
inline rc::Gen<std::string> AnyZoneName() {
  return rc::gen::element<std::string>("UTC", "Europe/Prague", "America/Santiago", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Beirut",
                                       "Africa/Cairo", "America/St_Johns", "Pacific/Apia", "America/New_York", "Africa/Casablanca",
                                       "America/Havana", "Africa/Monrovia", "Pacific/Chatham", "Asia/Pyongyang", "America/Caracas");
}

// An instant, half of the time within a few days of a change of the zone's clock, often on a full minute or right beside one.
inline EngineTime AnyTime(const Zone& zone) {
  const std::int64_t low = ToEpochMs(kEngineTimeMin);
  const std::int64_t high = ToEpochMs(kEngineTimeMax);
  std::int64_t ms = *rc::gen::inRange<std::int64_t>(low, high);
  if (zone.period_count() > 1 && *rc::gen::arbitrary<bool>()) {
    const std::size_t period = *rc::gen::inRange<std::size_t>(1, zone.period_count());
    ms = ToEpochMs(zone.PeriodStart(period)) + *rc::gen::inRange<std::int64_t>(-259'200'000, 259'200'000);
    if (*rc::gen::inRange(0, 3) == 0) ms = ToEpochMs(zone.PeriodStart(period)) + *rc::gen::inRange<std::int64_t>(-2, 3);
  }
  if (*rc::gen::arbitrary<bool>()) ms = ms / 60'000 * 60'000 + *rc::gen::inRange<std::int64_t>(-1, 2);
  return FromEpochMs(std::min(std::max(ms, low), high - 1));
}

}  // namespace antiphon::calendar
