#pragma once

#include <compare>
#include <cstdint>

#include "state/base/time.h"

namespace antiphon::state {

// What a timer brings about. The numbers are stored.
enum class TimerKind : std::uint8_t {
  kPattern = 1,         // `reference` is a trigger: something of its runs is due
  kDate = 2,            // `reference` is a trigger: its date has come
  kLateness = 3,        // `reference` is a trigger: events held back are shown to its pattern
  kContactDue = 4,      // `reference` is a contact's number: decide again or send
  kContactExpires = 5,  // `reference` is a contact's number: its moment or validity is over
  kNoResponse = 6,      // `reference` is a contact's number: the channel's response window is over
  kProposalEnds = 7,    // `reference` is a contact's number: answer_valid_for is over
  kMomentRetry = 8,     // `reference` is a moment's number: retry when policy opens
  kMomentExpires = 9,   // `reference` is a moment's number
};

// Timer: one due time of one customer; it fires once. Order: (due, customer, sequence).
struct Timer {
  EngineTime due{};
  std::uint32_t sequence = 0;  // counts the customer's timers from 1
  TimerKind kind = TimerKind::kPattern;
  std::uint32_t reference = 0;
  friend auto operator<=>(const Timer&, const Timer&) = default;
};

}  // namespace antiphon::state
