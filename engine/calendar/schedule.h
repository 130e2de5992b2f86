#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "engine/calendar/weekly_hours.h"
#include "engine/calendar/zone.h"
#include "state/base/time.h"

namespace antiphon::calendar {

// Why something is said later than at once; bits of a set.
enum class DelayReason : std::uint8_t {
  kNone = 0,
  kChannelClosed = 1,   // outside the channel's opening hours
  kChannelHoliday = 2,  // closed because the day is a holiday of the channel
  kQuietHours = 4,      // the customer's quiet hours
  kReplyClosed = 8,     // the reply channel could not answer within its time
};

class DelayReasons {
 public:
  constexpr DelayReasons() = default;

  constexpr void Add(DelayReason reason) { bits_ |= static_cast<std::uint8_t>(reason); }
  [[nodiscard]] constexpr bool Has(DelayReason reason) const { return (bits_ & static_cast<std::uint8_t>(reason)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }

  friend constexpr bool operator==(DelayReasons, DelayReasons) = default;

 private:
  std::uint8_t bits_ = 0;
};

// replies_to: what is said at t may be answered only if the reply channel is open at some moment of [t, t + open_within], and, if
// `open_for` is positive, for at least so long in total within it (a lunch break does not start the count anew). `open_for` more than
// `open_within` is never met; `check` refuses it.
struct ReplyWindow {
  ZonedHours hours;
  Milliseconds open_within{0};
  Milliseconds open_for{0};

  [[nodiscard]] bool CanAnswer(EngineTime time) const;
  // The earliest instant at or after `time`, and before `until`, at which CanAnswer. O(changes between open and closed that are passed).
  [[nodiscard]] std::optional<EngineTime> NextAnswerable(EngineTime time, EngineTime until) const;
};

// What planned time obeys. A view: what it points to must outlive it. Source: docs/opening-hours.md, "Planned time".
struct SayableConstraints {
  ZonedHours channel = {};  // in the bank's zone
  ZonedHours quiet = {};    // in the customer's own zone; hours null: none. Sayable is what is outside
  std::optional<ReplyWindow> replies_to = std::nullopt;
};

struct PlannedTime {
  std::optional<EngineTime> at;  // nothing before the horizon
  DelayReasons reasons;          // all that moved it, or kept it from being found
  DelayReason last = DelayReason::kNone;
};

inline constexpr Milliseconds kHorizonDefault = std::chrono::days{60};

// The earliest time at or after `at`, and before at + `horizon`, at which every constraint holds. Jumps from boundary to boundary: a
// microsecond where nothing is in the way; O(boundaries within the horizon) at worst. No allocation.
[[nodiscard]] PlannedTime EarliestSayable(const SayableConstraints& constraints, EngineTime at, Milliseconds horizon = kHorizonDefault);

}  // namespace antiphon::calendar
