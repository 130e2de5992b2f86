#include "services/tools/funnel_text.h"

#include <array>

#include "services/tools/reason_words.h"
#include "services/tools/time_text.h"
#include "services/tools/value_text.h"

namespace antiphon::tools {
namespace {

using decision::CauseKind;
using decision::Stage;

std::string_view CauseText(CauseKind kind) {
  static constexpr std::array<std::string_view, 6> kTexts{"a moment opened",
                                                          "a request was answered",
                                                          "a contact fell due",
                                                          "a moment was tried again",
                                                          "a response changed the ledger, a plan was decided again",
                                                          "another system's contact changed the ledger, a plan was decided again"};
  return kTexts.at(static_cast<std::size_t>(kind));
}

}  // namespace

std::string DecisionTitle(const topology::Topology& topology, const decision::DecisionRecord& decision) {
  std::string text = LocalTimeText(decision.time, topology.zone);
  text.append(" ").append(CauseText(decision.cause.kind));
  if (decision.cause.kind == CauseKind::kRequest) text.append(" (").append(decision.cause.id).append(")");
  bool first = true;
  for (const state::TriggerId id : decision.triggers) {
    const topology::Trigger& trigger = topology.triggers[id.value()];
    text.append(first ? ": " : ", ").append(trigger.id);
    if (!trigger.about.empty()) text.append(" (").append(trigger.about).append(")");
    first = false;
  }
  return text;
}

std::string DecisionResult(const topology::Topology& topology, const decision::DecisionRecord& decision) {
  if (decision.chosen.empty()) return "silence: " + SilenceText(topology, decision);
  std::string text;
  for (const decision::CandidateRecord& candidate : decision.candidates) {
    if (candidate.stage != Stage::kChosen) continue;
    text.append(text.empty() ? "" : ", ")
        .append(OfferName(topology, candidate.offer))
        .append(" by ")
        .append(ChannelName(topology, candidate.channel));
  }
  return text;
}

std::string CandidateLine(const topology::Topology& topology, const decision::CandidateRecord& candidate) {
  std::string text(OfferName(topology, candidate.offer));
  if (candidate.channel != state::kNone<state::ChannelId>) {
    const std::string_view channel = ChannelName(topology, candidate.channel);
    text.append(" by ").append(channel);
    // A treatment that is not named after its channel tells several on one channel apart.
    const std::string_view treatment =
        std::string_view(topology.treatments[candidate.treatment.value()].id).substr(OfferName(topology, candidate.offer).size() + 1);
    if (treatment != channel) text.append(" (").append(treatment).append(")");
  }
  if (candidate.planned != EngineTime{}) text.append(", planned ").append(LocalTimeText(candidate.planned, topology.zone));
  return text.append(": ").append(ReasonText(topology, candidate));
}

std::string ScoreLine(const decision::CandidateRecord& candidate) {
  if (candidate.score.is(expression::Kind::kAbsent)) return {};
  static constexpr std::array<std::string_view, 5> kFactors{"propensity", "value", "context", "lever", "cost"};
  std::string text = "score " + ValueText(candidate.score) + " =";
  for (std::size_t i = 0; i < kFactors.size(); ++i) {
    text.append(i == 0 ? " " : ", ").append(kFactors.at(i)).append(" ").append(ValueText(candidate.factors.at(i)));
  }
  return text;
}

std::vector<std::string> FunnelLines(const topology::Topology& topology, const decision::DecisionRecord& decision, std::string_view offer) {
  std::vector<std::string> lines{DecisionTitle(topology, decision), "  " + DecisionResult(topology, decision)};
  for (const decision::CandidateRecord& candidate : decision.candidates) {
    if (!offer.empty() && OfferName(topology, candidate.offer) != offer) continue;
    lines.push_back("  - " + CandidateLine(topology, candidate));
  }
  return lines;
}

}  // namespace antiphon::tools
