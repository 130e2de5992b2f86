#pragma once

#include <string>
#include <string_view>

#include "engine/decision/effects.h"
#include "engine/topology/topology.h"

namespace antiphon::tools {

// Reasons in words. Stage and rule are what records hold; these functions say what they mean, with the `about` that the topology's author
// gave the rule. Every stage and word is listed in docs/reasons.md. Pure.

// Why a candidate was closed (or that it was chosen): "cap weekly: at most 1 in 7d; speak once a week at most".
[[nodiscard]] std::string ReasonText(const topology::Topology& topology, const decision::CandidateRecord& candidate);

// Why a decision chose nothing. REQUIRES: it chose nothing.
[[nodiscard]] std::string SilenceText(const topology::Topology& topology, const decision::DecisionRecord& decision);

// Why a contact changed: ContactRecord::reason. "taken_over" becomes "the same offer was presented to the customer".
[[nodiscard]] std::string ChangeText(const topology::Topology& topology, std::string_view reason);

// What a stage asks, in a few words: "is the offer, its campaign, channel or trigger paused".
[[nodiscard]] std::string_view StageQuestion(decision::Stage stage);

// "at most 1 in 7d", "at most 3 per calendar month".
[[nodiscard]] std::string CapText(const topology::Cap& cap);

// Names; "?" for what there is none of.
[[nodiscard]] std::string_view OfferName(const topology::Topology& topology, state::OfferId id);
[[nodiscard]] std::string_view ChannelName(const topology::Topology& topology, state::ChannelId id);
[[nodiscard]] std::string_view TriggerName(const topology::Topology& topology, state::TriggerId id);

// Of a contact: the offer's name, or that which another system gave it.
[[nodiscard]] std::string_view OfferName(const topology::Topology& topology, const state::Contact& contact);

}  // namespace antiphon::tools
