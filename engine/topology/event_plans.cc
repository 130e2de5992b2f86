#include "engine/topology/event_plans.h"

namespace antiphon::topology {
namespace {

EventPlan::Use UseOf(std::size_t definition, std::size_t input) {
  return {static_cast<std::uint16_t>(definition), static_cast<std::uint16_t>(input)};
}

}  // namespace

void PlanEvents(Topology& topology) {
  std::vector<EventPlan> plans(topology.event_types.size());
  for (std::size_t i = 0; i < topology.profile_fields.size(); ++i)
    for (std::size_t k = 0; k < topology.profile_fields[i].inputs.size(); ++k)
      plans[topology.profile_fields[i].inputs[k].event_type].profile_fields.push_back(UseOf(i, k));
  for (std::size_t i = 0; i < topology.holding_rules.size(); ++i)
    plans[topology.holding_rules[i].event_type].holdings.push_back(UseOf(i, 0));
  for (std::size_t i = 0; i < topology.features.size(); ++i)
    for (std::size_t k = 0; k < topology.features[i].inputs.size(); ++k)
      plans[topology.features[i].inputs[k].event_type].features.push_back(UseOf(i, k));
  for (std::size_t i = 0; i < topology.suppressions.size(); ++i) {
    const Suppression& suppression = topology.suppressions[i];
    for (std::size_t k = 0; k < suppression.open.size(); ++k)
      plans[suppression.open[k].event_type].suppressions_open.push_back(UseOf(i, k));
    for (std::size_t k = 0; k < suppression.close.size(); ++k)
      plans[suppression.close[k].event_type].suppressions_close.push_back(UseOf(i, k));
  }
  for (std::size_t i = 0; i < topology.triggers.size(); ++i) {
    const Trigger& trigger = topology.triggers[i];
    for (std::size_t k = 0; k < trigger.on.size(); ++k) plans[trigger.on[k].event_type].event_triggers.push_back(UseOf(i, k));
    for (const EventTypeIndex type : trigger.watches) plans[type].pattern_triggers.emplace_back(static_cast<std::uint16_t>(i));
  }
  topology.event_plans = std::move(plans);
}

void NoteWhatIsRead(Loading& loading) {
  for (const std::uint32_t feature : loading.previous_used) loading.topology.features[feature].previous_is_read = true;
  for (std::size_t i = 0; i < loading.topology.segments.size(); ++i)
    loading.topology.segments[i].tracked = loading.since_of_any || loading.schemes_since.contains(static_cast<std::uint32_t>(i));
}

}  // namespace antiphon::topology
