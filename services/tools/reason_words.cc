#include "services/tools/reason_words.h"

#include <array>
#include <span>
#include <utility>
#include <vector>

namespace antiphon::tools {
namespace {

using decision::CandidateRecord;
using decision::Stage;
using state::kNone;

constexpr std::array<std::string_view, decision::kStageCount> kQuestions{
    "is the offer, its campaign, channel or trigger paused",
    "do the dates of the offer and its campaign allow it",
    "may the bank offer it to the customer",
    "does it make sense now",
    "is it right for the customer",
    "does a treatment fit",
    "is the address known and good",
    "does the customer consent",
    "does an open case, or the quiet after one, silence it",
    "does a contact with another offer exclude it",
    "does the outcome of an earlier contact ask for silence",
    "is it far enough from the contacts before and after",
    "is there a place in every cap",
    "can it be said in time",
    "has the channel room for it",
    "can its text be filled in",
    "could its score be computed",
    "does another candidate score higher",
    "is the customer in the campaign's control group",
    "is the customer in the universal holdout",
    "nothing closed it",
};

struct Word {
  std::string_view word;
  std::string_view text;
};

// The rules that are words of ours, by stage; the others are ids of the topology.
constexpr std::array kRuleWords{
    std::pair{Stage::kPaused, Word{"all", "everything is paused"}},
    std::pair{Stage::kPaused, Word{"offer", "the offer is paused"}},
    std::pair{Stage::kPaused, Word{"campaign", "its campaign is paused"}},
    std::pair{Stage::kPaused, Word{"channel", "the channel is paused"}},
    std::pair{Stage::kPaused, Word{"trigger", "the trigger is paused"}},
    std::pair{Stage::kValidity, Word{"valid_from", "the offer is not valid yet"}},
    std::pair{Stage::kValidity, Word{"valid_until", "the offer is no longer valid"}},
    std::pair{Stage::kValidity, Word{"campaign_from", "its campaign has not begun"}},
    std::pair{Stage::kValidity, Word{"campaign_until", "its campaign is over"}},
    std::pair{Stage::kValidity, Word{"moment", "its moment is over"}},
    std::pair{Stage::kValidity, Word{"offer_gone", "the topology no longer has the offer or its treatment"}},
    std::pair{Stage::kTreatment, Word{"no_treatment", "the offer has no treatment for this"}},
    std::pair{Stage::kTreatment, Word{"where", "the treatment's `where` does not hold for the customer"}},
    std::pair{Stage::kTreatment, Word{"language", "no text is written in the customer's or the default language"}},
    std::pair{Stage::kTreatment,
              Word{"no_candidate", "there was no candidate at all: no offer of these triggers or this placement has a treatment"}},
    std::pair{Stage::kReachable, Word{"no_address", "no address is known for the channel"}},
    std::pair{Stage::kReachable, Word{"bad_address", "the address is known to be bad"}},
    std::pair{Stage::kSchedule, Word{"never_open", "the channel never opens for it"}},
    std::pair{Stage::kSchedule, Word{"moment_expires", "the moment is over before it could be said"}},
    std::pair{Stage::kTemplate, Word{"missing_value", "a value that its text needs is missing; nothing is sent half-filled"}},
    std::pair{Stage::kError, Word{"score", "a factor or the score is absent, no number, or too large"}},
    std::pair{Stage::kOutranked, Word{"same_offer", "the same offer ranks higher in another treatment"}},
    std::pair{Stage::kOutranked, Word{"slots", "the answer has no more room"}},
    std::pair{Stage::kOutranked, Word{"universal_holdout", "the customer is in the universal holdout: nothing more is said"}},
    std::pair{Stage::kHoldout, Word{"universal_holdout", "the customer is in the universal holdout: recorded, never said"}},
};

constexpr std::array kChangeWords{
    Word{"chosen", "a decision chose it"},
    Word{"due", "it was due"},
    Word{"universal_holdout", "the customer is in the universal holdout: recorded, never said"},
    Word{"control", "the customer is in the campaign's control group: recorded, never said"},
    Word{"would_have_been_sent", "it would have been sent now"},
    Word{"planned_again", "decided again when due, and planned for another time"},
    Word{"not_current", "due while older events were still unread: decided again once they are"},
    Word{"taken_over", "the same offer was presented to the customer"},
    Word{"outranked", "another offer scored higher when it was due"},
    Word{"moment_or_validity_over", "its moment or validity is over"},
    Word{"answer_no_longer_valid", "the answer's validity is over and nobody presented it"},
    Word{"interaction_ended", "the conversation ended and nobody presented it"},
    Word{"response_window", "the channel's response window is over"},
    Word{"recorded", "another system reported it"},
    Word{"consent", "the customer withdrew his consent"},
};

template <typename Rules>
const auto* FindRule(const Rules& rules, std::string_view id) {
  for (const auto& rule : rules) {
    if (rule.id == id) return &rule;
  }
  return static_cast<decltype(&*rules.begin())>(nullptr);
}

// "; about", where there is one.
std::string WithAbout(std::string text, std::string_view about) {
  if (!about.empty()) text.append("; ").append(about);
  return text;
}

std::string GateText(const topology::Topology& topology, const CandidateRecord& candidate) {
  const topology::Offer& offer = topology.offers[candidate.offer.value()];
  const std::vector<topology::Gate>& gates = candidate.stage == Stage::kEligible     ? offer.eligible
                                             : candidate.stage == Stage::kApplicable ? offer.applicable
                                                                                     : offer.suitable;
  for (const topology::Gate& gate : gates) {
    if (gate.rule == candidate.rule) return WithAbout(std::string("does not hold: ").append(gate.when.text()), gate.about);
  }
  return "a gate that the topology does not have";
}

std::string ConsentText(const topology::Topology& topology, const CandidateRecord& candidate) {
  return std::string("no consent to ").append(candidate.rule).append(" on ").append(ChannelName(topology, candidate.channel));
}

// The rules of the contact policy, by id.
std::string PolicyText(const topology::Topology& topology, Stage stage, std::string_view id) {
  if (stage == Stage::kCap) {
    if (const auto* cap = FindRule(topology.caps, id)) return WithAbout(CapText(*cap) + " is used up", cap->about);
  } else if (stage == Stage::kGap) {
    if (const auto* gap = FindRule(topology.gaps, id))
      return WithAbout("contacts are " + FormatDuration(gap->min) + " apart at least", gap->about);
  } else if (stage == Stage::kCooldown) {
    if (const auto* rule = FindRule(topology.cooldowns, id))
      return WithAbout("silent for " + FormatDuration(rule->over) + " after an outcome", rule->about);
  } else if (stage == Stage::kExclusion) {
    if (const auto* rule = FindRule(topology.exclusions, id))
      return WithAbout("another offer was said within " + FormatDuration(rule->over), rule->about);
  } else if (stage == Stage::kSuppression) {
    if (const auto* rule = FindRule(topology.suppressions, id)) {
      return WithAbout(
          rule->quiet > Milliseconds{0} ? "a case is open, or closed less than " + FormatDuration(rule->quiet) + " ago" : "a case is open",
          rule->about);
    }
  }
  return "a rule that the topology does not have";
}

std::string TextOf(const topology::Topology& topology, const CandidateRecord& candidate) {
  for (const auto& [stage, word] : kRuleWords) {
    if (stage == candidate.stage && word.word == candidate.rule) return std::string(word.text);
  }
  switch (candidate.stage) {
    case Stage::kEligible:
    case Stage::kApplicable:
    case Stage::kSuitable:
      return GateText(topology, candidate);
    case Stage::kConsent:
      return ConsentText(topology, candidate);
    case Stage::kSuppression:
    case Stage::kExclusion:
    case Stage::kCooldown:
    case Stage::kGap:
    case Stage::kCap:
      return PolicyText(topology, candidate.stage, candidate.rule);
    case Stage::kOutranked:
      return std::string(candidate.rule).append(" scores higher");
    case Stage::kControl:
      return "the customer is in the control group of this campaign: recorded, never said";
    case Stage::kChosen:
      return "nothing closed it";
    default:
      return std::string(StageQuestion(candidate.stage));
  }
}

}  // namespace

std::string_view StageQuestion(Stage stage) { return kQuestions.at(static_cast<std::size_t>(stage)); }

std::string CapText(const topology::Cap& cap) {
  std::string text = "at most " + std::to_string(cap.max);
  if (cap.over) return text.append(" in ").append(FormatDuration(*cap.over));
  if (!cap.calendar_period) return text;
  // The grid does not tell its period; its length does.
  const EngineTime some = kEngineTimeMin;
  const Milliseconds length = cap.calendar_period->PeriodEnd(some) - cap.calendar_period->PeriodStart(some);
  using std::chrono::days;
  const char* const period = length < days{2} ? "day" : (length < days{9} ? "week" : (length < days{40} ? "month" : "year"));
  return text.append(" per calendar ").append(period);
}

std::string ReasonText(const topology::Topology& topology, const CandidateRecord& candidate) {
  if (candidate.stage == Stage::kChosen) return "chosen";
  std::string text(decision::StageName(candidate.stage));
  if (candidate.rule.starts_with(text)) {
    text = candidate.rule;  // a gate: eligible/grown_up
  } else if (!candidate.rule.empty()) {
    text.append(" ").append(candidate.rule);
  }
  return text.append(": ").append(TextOf(topology, candidate));
}

std::string SilenceText(const topology::Topology& topology, const decision::DecisionRecord& decision) {
  for (const CandidateRecord& candidate : decision.candidates) {
    if (candidate.stage != decision.silence_stage || candidate.rule != decision.silence_rule) continue;
    return std::string(OfferName(topology, candidate.offer)).append(" came furthest; ").append(ReasonText(topology, candidate));
  }
  CandidateRecord none;
  none.stage = decision.silence_stage;
  none.rule = decision.silence_rule;
  return ReasonText(topology, none);
}

std::string ChangeText(const topology::Topology& topology, std::string_view reason) {
  for (const Word& word : kChangeWords) {
    if (word.word == reason) return std::string(word.text);
  }
  const std::size_t colon = reason.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view rule = reason.substr(colon + 1);
    for (std::size_t i = 0; i < decision::kStageCount; ++i) {
      const auto stage = static_cast<Stage>(i);
      if (decision::StageName(stage) != reason.substr(0, colon)) continue;
      for (const auto& [of, word] : kRuleWords) {
        if (of == stage && word.word == rule) return std::string(word.text);
      }
      return std::string("closed when decided again, by ").append(reason.substr(0, colon)).append(" ").append(rule);
    }
  }
  if (const auto* rule = FindRule(topology.suppressions, reason)) return WithAbout("silenced by suppression " + rule->id, rule->about);
  if (const auto* rule = FindRule(topology.cooldowns, reason)) return WithAbout("silenced by cooldown " + rule->id, rule->about);
  return std::string(reason);
}

std::string_view OfferName(const topology::Topology& topology, state::OfferId id) {
  return id == kNone<state::OfferId> ? std::string_view("?") : topology.offers[id.value()].id;
}
std::string_view ChannelName(const topology::Topology& topology, state::ChannelId id) {
  return id == kNone<state::ChannelId> ? std::string_view("?") : topology.channels[id.value()].id;
}
std::string_view TriggerName(const topology::Topology& topology, state::TriggerId id) {
  return id == kNone<state::TriggerId> ? std::string_view("?") : topology.triggers[id.value()].id;
}
std::string_view OfferName(const topology::Topology& topology, const state::Contact& contact) {
  return contact.offer == kNone<state::OfferId> && !contact.foreign_offer.empty() ? std::string_view(contact.foreign_offer)
                                                                                  : OfferName(topology, contact.offer);
}

}  // namespace antiphon::tools
