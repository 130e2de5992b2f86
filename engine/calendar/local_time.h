#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "state/base/time.h"

namespace antiphon::calendar {

// What a wall clock in some zone shows, in milliseconds since its 1970-01-01 00:00. Comparable within one zone only.
using LocalTime = std::chrono::local_time<Milliseconds>;

// A date of a wall calendar; its count is the number of days since 1970-01-01.
using LocalDay = std::chrono::local_days;

inline constexpr Milliseconds kDayLength = std::chrono::days{1};

[[nodiscard]] constexpr LocalDay DateOf(LocalTime time) { return std::chrono::floor<std::chrono::days>(time); }

// A time of day as operators write it, "09:30"; "24:00" is the end of the day. Two digits each. Nothing if the text is not such a time.
[[nodiscard]] std::optional<Milliseconds> ParseTimeOfDay(std::string_view text);

// The quotient towards the past, also for times before 1970. REQUIRES: length > 0.
[[nodiscard]] constexpr std::int64_t FloorDiv(std::int64_t value, std::int64_t length) {
  return value / length - (value % length < 0 ? 1 : 0);
}

}  // namespace antiphon::calendar
