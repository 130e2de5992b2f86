#pragma once

#include <cstdint>

#include "state/model/customer_state.h"
#include "state/model/partition_state.h"
#include "state/store/dictionary.h"

// What the codec's writer and reader share: the numbers of the grammar in codec.h.
namespace antiphon::store {

inline constexpr std::uint8_t kPartitionVersion = 1;

inline constexpr std::uint8_t kScalarAbsent = 0;
inline constexpr std::uint8_t kScalarFalse = 1;
inline constexpr std::uint8_t kScalarTrue = 2;
inline constexpr std::uint8_t kScalarInt = 3;
inline constexpr std::uint8_t kScalarDouble = 4;
inline constexpr std::uint8_t kScalarText = 5;
inline constexpr std::uint8_t kScalarTime = 6;
inline constexpr std::uint8_t kScalarLength = 7;

inline constexpr std::uint64_t kWideFrom = 1ULL << 56U;  // a bucket's value from which 8 bytes are shorter than its varint

inline constexpr unsigned kDirectionMask = 0x3U;
inline constexpr unsigned kClassShift = 2;
inline constexpr unsigned kClassMask = 0x7U;
inline constexpr unsigned kWithholdingShift = 5;
inline constexpr unsigned kWithholdingMask = 3;
inline constexpr unsigned kSettledBit = 128;

inline constexpr unsigned kPartDecision = 1U << 0U;
inline constexpr unsigned kPartFacts = 1U << 1U;
inline constexpr unsigned kPartActor = 1U << 2U;
inline constexpr unsigned kPartInteraction = 1U << 3U;
inline constexpr unsigned kPartForeignId = 1U << 4U;
inline constexpr unsigned kPartSourceSystem = 1U << 5U;
inline constexpr unsigned kPartForeignOffer = 1U << 6U;
inline constexpr unsigned kPartsAll = (1U << 7U) - 1;

inline constexpr unsigned kMomentHasContact = 1U << 0U;
inline constexpr unsigned kMomentHadTurn = 1U << 1U;
inline constexpr unsigned kMomentFlagsAll = (1U << 2U) - 1;

inline constexpr unsigned kSectionCount = 15;
inline constexpr unsigned kSectionDecided = 1U << kSectionCount;

// Calls `visit` with every section, in the order of the bits.
template <typename Customer, typename Visit>
void ForEachSection(Customer& customer, Visit visit) {
  visit(customer.recent_ids);
  visit(customer.profile);
  visit(customer.holdings);
  visit(customer.features);
  visit(customer.segments);
  visit(customer.consents);
  visit(customer.contact_points);
  visit(customer.suppressions);
  visit(customer.aftermaths);
  visit(customer.cooldowns);
  visit(customer.triggers);
  visit(customer.moments);
  visit(customer.contacts);
  visit(customer.timers);
  visit(customer.page_views);
}

[[nodiscard]] constexpr bool RefersToTrigger(state::TimerKind kind) {
  return kind == state::TimerKind::kPattern || kind == state::TimerKind::kDate || kind == state::TimerKind::kLateness;
}

[[nodiscard]] constexpr bool RefersToMoment(state::TimerKind kind) {
  return kind == state::TimerKind::kMomentRetry || kind == state::TimerKind::kMomentExpires;
}

[[nodiscard]] constexpr SlotKind SlotKindOf(state::PausedKind kind) {
  switch (kind) {
    case state::PausedKind::kOffer:
      return SlotKind::kOffer;
    case state::PausedKind::kCampaign:
      return SlotKind::kCampaign;
    case state::PausedKind::kChannel:
      return SlotKind::kChannel;
    case state::PausedKind::kTrigger:
      return SlotKind::kTrigger;
    case state::PausedKind::kAll:
      return SlotKind::kNone;
  }
  return SlotKind::kNone;
}

}  // namespace antiphon::store
