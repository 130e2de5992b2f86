#pragma once

#include <cstdint>

#include "engine/expression/host.h"

namespace antiphon::topology {

// What a host slot of a compiled expression stands for: the upper 8 bits say the kind, the lower 24 the position. Written by the topology's
// compiler, read by the engine's Host (engine/decision/evaluation.h).
enum class SlotKind : std::uint8_t {
  kEventField = 1,   // position among the fields of the event's type: `event.amount` (and `request.x` for decision.requested)
  kEventTime,        // `event.time`
  kEventType,        // `event.type`
  kEventId,          // `event.id`
  kFeature,          // FeatureId: `features.balance`
  kFeaturePrevious,  // FeatureId: `features.balance.previous`
  kSegment,          // SegmentSchemeId: `segments.asset_tier`, the class's name
  kProfileField,     // ProfileFieldId: `customer.birth_date`
  kCustomerId,       // `customer.id`
  kCustomerAge,      // `customer.age`, full years at `now`
  kNow,              // `now`: the time of the input; for a contact that falls due its due time
  kAt,               // `planned`: the planned time of the candidate in hand
  kChannel,          // `channel`: the name of the candidate's channel
  kCapture,          // position among the captures of the pattern: `salary.amount`, in conditions of a pattern only
  kMomentValue,      // MomentValueId: `event.amount`, `salary.amount` as kept by the moment, in offers
  kRequestField,     // position among the fields of the decision.requested type, in offers
  kScoreFactor,      // ScoreFactor, in the score of the topology only
};

[[nodiscard]] constexpr expression::HostSlot MakeSlot(SlotKind kind, std::uint32_t position = 0) {
  return expression::HostSlot{(static_cast<std::uint32_t>(kind) << 24U) | position};
}
[[nodiscard]] constexpr SlotKind KindOfSlot(expression::HostSlot slot) { return static_cast<SlotKind>(slot.value() >> 24U); }
[[nodiscard]] constexpr std::uint32_t PositionOfSlot(expression::HostSlot slot) { return slot.value() & 0xFFFFFFU; }

// Our own functions. Source: docs/expressions.md, "Functions of Antiphon".
enum class FunctionId : std::uint32_t {
  kHolds = 1,        // customer.holds(product string) -> bool
  kHoldingsCount,    // customer.holdings(product string) -> int: accounts of the product
  kConsents,         // customer.consents(purpose string, channel string) -> bool
  kSuppressed,       // customer.suppressed(suppression id string) -> bool: a case is open, or its aftermath not over
  kSince,            // since(scheme string) -> duration: how long the customer is in his class; absent before the first event
  kContactsCount,    // contacts.count(filter map(string, string)) -> int: all remembered contacts that take a place
  kContactsCountIn,  // contacts.count(filter, window duration) -> int: counted in (now - window, now]
  kContactsLast,     // contacts.last(filter) -> timestamp: the newest counted time not after now; absent if none
};

}  // namespace antiphon::topology
