#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decision/effects.h"
#include "engine/topology/topology.h"

namespace antiphon::tools {

// A decision as lines that a person can read; the lines of its candidates are indented by two blanks.

// "2026-03-16 09:00 a moment opened: account_unused (an account stands unused for 14 days)".
[[nodiscard]] std::string DecisionTitle(const topology::Topology& topology, const decision::DecisionRecord& decision);

// "first_steps by email" or "silence: savings_sweep came furthest; cap weekly: at most 1 in 7d is used up".
[[nodiscard]] std::string DecisionResult(const topology::Topology& topology, const decision::DecisionRecord& decision);

// "savings_sweep by sms, planned 2026-03-16 09:00: cap weekly: at most 1 in 7d is used up".
[[nodiscard]] std::string CandidateLine(const topology::Topology& topology, const decision::CandidateRecord& candidate);

// "score 1780.0 = propensity 0.04, value 45000.0, context 1.0, lever 1.0, cost 20.0"; empty if no score was computed.
[[nodiscard]] std::string ScoreLine(const decision::CandidateRecord& candidate);

// Title, result and the candidates (all, or those of one offer).
[[nodiscard]] std::vector<std::string> FunnelLines(const topology::Topology& topology, const decision::DecisionRecord& decision,
                                                   std::string_view offer = {});

}  // namespace antiphon::tools
