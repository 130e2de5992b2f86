#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/calendar/local_time.h"

namespace antiphon::calendar {

// One line of a country's law. Internal to this room.
struct HolidayRule {
  enum class Kind : std::uint8_t {
    kFixed,         // `month` / `day`
    kEaster,        // `day` days after Easter Sunday
    kFirstMonday,   // of `month`
    kLastMonday,    // of `month`
    kOrNextMonday,  // `month` / `day`; on a Saturday or Sunday also the Monday after it
    kOrTwoLater,    // `month` / `day`; on a Saturday or Sunday also two days later (Christmas and Boxing Day give each other way)
  };

  std::string_view name;
  Kind kind = Kind::kFixed;
  int month = 0;
  int day = 0;
  int from = 1970;  // years, both included
  int to = 9999;
  int except = 0;  // a year in which it was moved; 0: none
};

// Is `day` a holiday by this rule?
[[nodiscard]] bool Matches(const HolidayRule& rule, LocalDay day);

// Nothing if the country is unknown.
[[nodiscard]] std::optional<std::span<const HolidayRule>> HolidayRulesOf(std::string_view country);

}  // namespace antiphon::calendar
