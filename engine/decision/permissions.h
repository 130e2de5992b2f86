#pragma once

#include <string_view>

#include "engine/decision/step.h"

namespace antiphon::decision {

// Whether the customer may be spoken to at all, apart from how often: consent, addresses, suppressions, cooldowns. The same questions
// close a candidate and cancel a contact that waits. Source: docs/classes-and-consent.md, docs/contact-policy.md.

// The customer's newest word on the purpose for this channel (a word on all channels counts for each), else the topology's default.
// `channel` kNone: the purpose as such (profiling).
[[nodiscard]] bool Consents(const Step& step, state::PurposeId purpose, state::ChannelId channel);

// Nothing if the channel has a good address; else the rule that closes: "no_address" or "bad_address".
[[nodiscard]] std::string_view Unreachable(const Step& step, state::ChannelId channel);

// What the rules look at: an offer in a channel and class, in a direction.
struct Saying {
  state::OfferId offer = state::kNone<state::OfferId>;
  state::ChannelId channel = state::kNone<state::ChannelId>;
  state::CampaignId campaign = state::kNone<state::CampaignId>;
  state::ContactClass contact_class = state::ContactClass::kMarketing;
  state::Direction direction = state::Direction::kOutbound;
};

// A rule that forbids for a time; `until` is when it ends by itself, kEngineTimeMax if only an event ends it.
struct Forbidden {
  std::string_view rule;  // empty: allowed
  EngineTime until{};
  [[nodiscard]] explicit operator bool() const { return !rule.empty(); }
};

// Is it suppressed at `when`: a case is open, or the quiet after it is not over.
[[nodiscard]] Forbidden Suppressed(const Step& step, const Saying& saying, EngineTime when);
[[nodiscard]] bool IsSuppressionActive(const Step& step, state::SuppressionId id, EngineTime when);

[[nodiscard]] Forbidden CoolingDown(const Step& step, const Saying& saying, EngineTime when);

// Starts the cooldowns that follow when a contact reaches `outcome` by `code` (a response code, or empty). True if one began or grew.
bool StartCooldowns(Step& step, const state::Contact& contact, state::ContactStatus outcome, std::string_view code);

}  // namespace antiphon::decision
