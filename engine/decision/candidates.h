#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/decision/effects.h"
#include "engine/decision/input.h"
#include "state/model/moment.h"

namespace antiphon::decision {

struct Step;

// Candidate: one offer in one treatment, with all that a decision comes to know of it. Points into the customer's moments and the topology:
// lives within one decision, in the scratch of the step.
struct Candidate {
  CandidateRecord record;
  const state::Moment* moment = nullptr;  // nullptr: offered to a request by its placement
  state::Direction direction = state::Direction::kOutbound;
  state::LanguageId language = state::kNone<state::LanguageId>;
  std::string text;                 // filled in, once it passed
  std::vector<std::uint32_t> free;  // contacts whose places are free for it, ascending
  std::int64_t cost = 0;
  EngineTime expires{};  // with its moment and validity; kEngineTimeMax if never
  EngineTime opens{};    // closed: when policy could let it through; kEngineTimeMax if no time does
  bool passed = false;   // closed by nothing so far
};

// What a decision is asked for.
struct DecisionQuestion {
  CauseView cause;  // until the recorder has it
  state::Direction direction = state::Direction::kOutbound;
  std::span<const state::Moment* const> moments;  // by (priority, trigger id, number): the first of two that list an offer stands for it
  const Event* request = nullptr;
  state::ChannelId channel = state::kNone<state::ChannelId>;  // of the request
  std::uint16_t placement = 0xFFFF;                           // position in Topology::placements, or none
  std::string_view intent;
  state::LanguageId language = state::kNone<state::LanguageId>;  // that the request asks for
  // Of a contact that is due: only offers that sell, or only those that serve (service, mandatory), as the contact does. A receipt that
  // waited for the morning does not compete with a sale, nor a sale with it.
  std::optional<bool> sells;
};

// Marketing and advice sell; service and mandatory serve.
[[nodiscard]] constexpr bool Sells(state::ContactClass contact_class) {
  return contact_class == state::ContactClass::kMarketing || contact_class == state::ContactClass::kAdvice;
}

// The candidates: for a moment its offers in each outbound treatment; for a request the offers of its placement and of the moments that
// have a treatment on its channel. Ordered by (moment, offer, treatment). An offer without a treatment is a candidate closed at once.
// Valid until the next call.
[[nodiscard]] std::span<Candidate> GatherCandidates(Step& step, const DecisionQuestion& question);

// Fills `open` with the customer's open moments at `at`, of each trigger the newest, in the order of DecisionQuestion::moments.
void FindOpenMoments(const Step& step, EngineTime at, std::vector<const state::Moment*>& open);

// Sorts in that order.
void SortMoments(const Step& step, std::span<const state::Moment*> moments);

}  // namespace antiphon::decision
