#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/decision/candidates.h"
#include "engine/decision/effects.h"
#include "engine/decision/engine.h"
#include "engine/decision/input.h"
#include "engine/expression/arena.h"
#include "engine/pattern/matcher.h"
#include "engine/topology/topology.h"
#include "state/model/customer_state.h"
#include "state/model/partition_state.h"

namespace antiphon::decision {

// A feature's value before the event in hand, for `.previous`.
struct PreviousValue {
  state::FeatureId feature;
  state::Scalar value;
};

// A contact that counts for the cap in hand (contact_policy.cc). A held plan and its proposal count once: the proposal counts only where
// its plan is not in the window.
struct CountedContact {
  EngineTime time{};
  state::OfferId offer = state::kNone<state::OfferId>;
  bool plan = false;
  bool proposal = false;
};

// See engine.h. Each member is filled anew by the room that it names, and read by it and those it calls.
class StepScratch {
 public:
  expression::Arena arena;
  pattern::MatcherScratch matcher;
  pattern::Told told;
  std::vector<PreviousValue> previous;  // of the event in hand
  std::vector<std::uint32_t> opened;    // numbers of the moments that the input in hand opened, not decided yet
  std::vector<std::uint32_t> numbers;   // of contacts, that a response or the end of an interaction concerns

  // Of the decision in hand: decisions follow each other, none is made within another (DecisionRecorder checks it).
  std::vector<const state::Moment*> moments;  // DecisionQuestion::moments
  ReusedList<Candidate> candidates;           // GatherCandidates
  std::vector<bool> offers_seen;              // GatherCandidates: by position
  std::vector<CountedContact> counted;        // contact_policy
  std::vector<std::size_t> ranked;            // RankPassed
  std::vector<std::size_t> recorded;          // DecisionRecorder::Write
  std::vector<state::OfferId> offers_taken;   // request_decision
  std::vector<const state::Contact*> said;    // request_decision
  std::string reason;                         // outbound_decision: of a contact that is cancelled
};

// Step: what the rooms of a step share while it lasts.
struct Step {
  const topology::Topology& topology;
  state::PartitionState& partition;
  state::CustomerState& customer;
  StepTime time;
  StepScratch& scratch;
  Effects& effects;
  const Event* event = nullptr;  // in hand; nullptr for timers
  std::string_view note = {};    // of a response: the agent's words, for the records of the contact `noted`
  std::uint32_t noted = 0;
};

// The member of `items`, sorted by `member`, that equals `value`; nullptr if there is none.
template <typename Items, typename Member, typename Value>
[[nodiscard]] auto* FindSorted(Items& items, Member member, const Value& value) {
  const auto found = std::lower_bound(items.begin(), items.end(), value,
                                      [member](const auto& item, const Value& wanted) { return item.*member < wanted; });
  return found != items.end() && !(value < (*found).*member) ? &*found : nullptr;
}

// The same, made with the default value (and that member set) where it is not there.
template <typename Items, typename Member, typename Value>
auto& FindOrInsertSorted(Items& items, Member member, const Value& value) {
  auto found = std::lower_bound(items.begin(), items.end(), value,
                                [member](const auto& item, const Value& wanted) { return item.*member < wanted; });
  if (found == items.end() || value < (*found).*member) {
    found = items.emplace(found);
    (*found).*member = value;
  }
  return *found;
}

}  // namespace antiphon::decision
