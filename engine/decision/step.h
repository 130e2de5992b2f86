#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

// See engine.h.
class StepScratch {
 public:
  expression::Arena arena;
  pattern::MatcherScratch matcher;
  pattern::Told told;
  std::vector<PreviousValue> previous;  // of the event in hand
  std::vector<std::uint32_t> opened;    // numbers of the moments that the input in hand opened, not decided yet
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
