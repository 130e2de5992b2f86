#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "state/base/hash.h"
#include "state/base/time.h"
#include "state/model/ids.h"

namespace antiphon::state {

// The numbers of these lists are stored; new ones go to the end. Source: docs/contact-policy.md, "The ledger".
enum class ContactStatus : std::uint8_t {
  kNone = 0,  // before the first record: never stored
  kPlanned = 1,
  kWithheld = 2,
  kProposed = 3,
  kPresented = 4,
  kReleased = 5,
  kSent = 6,
  kDelivered = 7,
  kSeen = 8,
  kClicked = 9,
  kAccepted = 10,
  kDeclined = 11,
  kNoResponse = 12,
  kFailed = 13,
  kCancelled = 14,
  kExpired = 15,
};

enum class Direction : std::uint8_t { kOutbound = 1, kInbound = 2 };

// Which of consent, quiet hours, caps, suppressions and holdout an offer obeys. Source: docs/classes-and-consent.md.
enum class ContactClass : std::uint8_t { kMarketing = 1, kAdvice = 2, kService = 3, kMandatory = 4 };

enum class ActorKind : std::uint8_t { kSystem = 1, kAgent = 2, kManager = 3, kCustomer = 4 };

struct Actor {
  ActorKind kind = ActorKind::kSystem;
  std::string id;
  std::string branch;
  friend bool operator==(const Actor&, const Actor&) = default;
};

// Which experiment withheld a contact.
enum class Withholding : std::uint8_t { kNone = 0, kUniversalHoldout = 1, kControl = 2 };

// Facts attached to a contact; they are no statuses. Bits.
inline constexpr std::uint8_t kFactComplaint = 1;
inline constexpr std::uint8_t kFactConversion = 2;
inline constexpr std::uint8_t kFactOptOut = 4;

// Contact: one entry of the ledger.
struct Contact {
  Hash128 id;                // of a foreign contact: the hash of its own id
  Hash128 decision_id;       // zero for a foreign contact
  std::uint32_t number = 0;  // counts the customer's contacts from 1; what timers refer to
  ContactStatus status = ContactStatus::kNone;
  Direction direction = Direction::kOutbound;
  ContactClass contact_class = ContactClass::kMarketing;
  Withholding withholding = Withholding::kNone;
  bool settled = false;  // withheld, and what it stands for would have been sent or presented: nothing is due any more
  std::uint8_t facts = 0;
  std::uint8_t attempt = 1;
  ChannelId channel = kNone<ChannelId>;
  OfferId offer = kNone<OfferId>;
  TreatmentId treatment = kNone<TreatmentId>;
  CampaignId campaign = kNone<CampaignId>;
  TriggerId trigger = kNone<TriggerId>;
  LanguageId language = kNone<LanguageId>;
  EngineTime decided{};  // time of the decision that made it (of the record, for a foreign one)
  EngineTime counted{};  // the time at which caps and gaps count it: planned, then sent; a proposal's decision
  EngineTime due{};      // planned (or withheld) for; equals `counted` while planned
  EngineTime expires{};  // with its moment or validity; kEngineTimeMax if never
  EngineTime changed{};  // time of the last change of status
  std::int64_t cost = 0;
  std::vector<std::uint32_t> moments;  // numbers of the moments of its decision, the winner's first
  Actor actor;                         // who presented, released or responded last
  std::string interaction_id;          // inbound
  std::string foreign_id;              // the id given by the other system that made it; empty for our own
  std::string source_system;           // of a foreign contact
  std::string foreign_offer;           // an offer's name that is not of this topology
  friend bool operator==(const Contact&, const Contact&) = default;
};

// True while the contact takes a place in the caps that count it: planned, proposed, withheld by the universal holdout, sent, presented and
// what follows them. (A withheld contact of a control group takes none.)
[[nodiscard]] bool TakesPlace(const Contact& contact);

// Nothing can change it any more but a late response: cancelled, expired, failed, declined, accepted, ..
[[nodiscard]] bool IsOpen(ContactStatus status);  // planned, withheld or proposed

}  // namespace antiphon::state
