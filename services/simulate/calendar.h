#pragma once

#include <chrono>
#include <cstdint>

#include "services/simulate/random.h"
#include "state/base/time.h"

namespace antiphon::simulate {

// The last instant of a day at which something may begin; what would be later happens then. It leaves room for the milliseconds by which
// a customer's events are kept apart.
inline constexpr std::int64_t kLastMsOfDay = 86'340'000;

[[nodiscard]] constexpr std::int64_t AtHour(std::int64_t hour, std::int64_t minute = 0) { return (hour * 60 + minute) * 60'000; }

// A local time within `minutes` from the full hour on.
[[nodiscard]] constexpr std::int64_t DrawTimeOfDay(Stream& stream, std::int64_t hour, std::int64_t minutes) {
  return AtHour(hour) + stream.Between(0, minutes * 60'000 - 1);
}

// Day: one day of the bank, in its zone (Europe/Prague: CET, CEST by the rule of the European Union since 1996; computed here, since
// the zone data of a machine would make the bytes depend on it).
struct Day {
  std::int32_t number = 0;  // days since the first simulated day; -1 is the eve, on which the existing customers are loaded
  std::chrono::sys_days date;
  std::int32_t year = 0;
  std::uint32_t month = 0;         // 1 to 12
  std::uint32_t day_of_month = 0;  // 1 to 31
  std::uint32_t weekday = 0;       // 0 is Monday
  bool business = false;           // neither a weekend nor a fixed Czech holiday; Easter is not modelled
  bool month_end = false;
  std::uint32_t pay_mask = 0;  // bit d: what is due on the d-th is paid today, the last business day not after it
  EngineTime summer_begins;
  EngineTime summer_ends;

  // The instant of a local time, given in milliseconds since local midnight. A time in the gap of spring is taken as one hour later.
  [[nodiscard]] EngineTime At(std::int64_t ms_of_day) const;
  [[nodiscard]] bool Pays(std::uint32_t due_day_of_month) const { return ((pay_mask >> due_day_of_month) & 1U) != 0; }
};

[[nodiscard]] Day MakeDay(std::chrono::sys_days first_day, std::int32_t number);

// Whole years between two dates; who is born on 29 February completes a year on 1 March of common years.
[[nodiscard]] std::int32_t AgeOn(std::chrono::sys_days birth, std::chrono::sys_days date);

}  // namespace antiphon::simulate
