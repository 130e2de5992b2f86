#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/calendar/calendar_period.h"
#include "engine/expression/program.h"
#include "engine/topology/events.h"
#include "state/base/time.h"
#include "state/model/contact.h"
#include "state/model/ids.h"

namespace antiphon::topology {

inline constexpr std::uint8_t kOutboundBit = 1;
inline constexpr std::uint8_t kInboundBit = 2;

[[nodiscard]] constexpr std::uint8_t BitOf(state::Direction direction) {
  return direction == state::Direction::kOutbound ? kOutboundBit : kInboundBit;
}

// Which contacts a rule is about: all that it names must fit. Empty bitmaps: any, also contacts that name no offer of ours.
struct ContactFilter {
  std::uint8_t classes = 0b11110;  // bit (1 << ContactClass)
  std::vector<bool> channels;      // by ChannelId
  std::vector<bool> offers;        // by OfferId: issue, group, product, offer and campaign resolved
  [[nodiscard]] bool Fits(state::ContactClass contact_class, state::ChannelId channel, state::OfferId offer) const {
    if ((classes >> static_cast<unsigned>(contact_class) & 1U) == 0) return false;
    if (!channels.empty() && (channel.value() >= channels.size() || !channels[channel.value()])) return false;
    return offers.empty() || (offer.value() < offers.size() && offers[offer.value()]);
  }
};

// At most `max` contacts in any window. Source: docs/contact-policy.md, "Caps".
struct Cap {
  std::string id;
  std::string about;
  std::string tell;
  std::uint32_t max = 1;
  std::optional<Milliseconds> over;                     // rolling, half-open (t - over, t]
  std::optional<calendar::PeriodGrid> calendar_period;  // or per: calendar day|week|month
  ContactFilter filter;
  std::uint8_t counts = kOutboundBit;
  std::uint8_t limits = kOutboundBit;
  bool count_failed = false;
};

// Two contacts that fit are at least `min` apart.
struct Gap {
  std::string id;
  std::string about;
  Milliseconds min{0};
  ContactFilter filter;
  std::uint8_t counts = kOutboundBit;
  std::uint8_t limits = kOutboundBit;
};

enum class CooldownScope : std::uint8_t { kOffer, kGroup, kIssue, kProduct, kCampaign, kChannel, kEverything };

// After an outcome: say no more of the same for a time.
struct Cooldown {
  std::string id;
  std::string about;
  state::ContactStatus outcome = state::ContactStatus::kDeclined;
  std::string code;  // or a response code of a channel; empty: the status alone
  CooldownScope scope = CooldownScope::kOffer;
  Milliseconds over{0};
  ContactFilter filter;  // of the contact that had the outcome
  std::uint8_t limits = kOutboundBit | kInboundBit;
};

// Mutual exclusion: a contact with one of the offers keeps the others away within `over`, before and after.
struct Exclusion {
  std::string id;
  std::string about;
  std::vector<bool> offers;  // by OfferId
  Milliseconds over{0};
  std::uint8_t counts = kOutboundBit | kInboundBit;
  std::uint8_t limits = kOutboundBit | kInboundBit;
};

// Silence while a case is open, and for `quiet` after the last one was closed.
struct Suppression {
  struct Side {
    EventTypeIndex event_type = 0;
    std::optional<expression::Program> where;
    std::optional<expression::Program> case_id;  // none: one case
  };
  std::string id;
  std::string about;
  std::string tell;
  std::vector<Side> open;
  std::vector<Side> close;
  Milliseconds quiet{0};
  ContactFilter filter;  // what is silenced; classes that ignore suppressions are not
  std::uint8_t limits = kOutboundBit | kInboundBit;
};

// What a class obeys; one row of the table in docs/classes-and-consent.md.
struct ClassRules {
  std::optional<state::PurposeId> consent;
  bool quiet_hours = true;
  bool suppressions = true;
  bool cooldowns = true;
  bool exclusions = true;
  bool gaps = true;
  bool caps = true;  // is limited by caps, and takes places in them
  bool holdout = true;
};

// What holds without the customer's word. kYes: may be used until he objects.
enum class ConsentDefault : std::uint8_t { kNo, kYes };

struct ConsentPurpose {
  std::string id;
  std::vector<ConsentDefault> by_channel;      // by ChannelId
  ConsentDefault other = ConsentDefault::kNo;  // asked without a channel: profiling
};

struct UniversalHoldout {
  std::uint32_t share_ppm = 0;
  std::string salt;
};

}  // namespace antiphon::topology
