#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/decision/support.h"

namespace antiphon::decision {

// A whole topology in small: event types by name, each the trigger of one offer with a fixed score, said by SMS. Times are the test's.
struct EngineBench : Bench {
  EngineBench() {
    AddChannel("sms");
    topology.languages = {"en"};
    topology.remember = std::chrono::days{60};
    for (auto& rules : topology.classes) rules.consent = std::nullopt;
  }

  // Call in alphabetical order of `name`: positions are in the order of ids.
  state::OfferId AddTriggeredOffer(const std::string& name, std::int64_t score) {
    const auto type = static_cast<topology::EventTypeIndex>(topology.event_types.size());
    topology::EventType event_type;
    event_type.name = event_type.name_in_log = name;
    event_type.source = "test";
    event_type.role_fields.fill(topology::kNoField);
    topology.event_types.push_back(std::move(event_type));
    const state::OfferId offer = AddOffer(name);
    const expression::Declarations nothing;
    topology.offers.back().value = expression::Compile(std::to_string(score), nothing).value();
    topology::Treatment treatment;
    treatment.id = name + ".sms";
    treatment.offer = offer;
    treatment.channel = state::ChannelId{0};
    topology::Template form;
    form.pieces.push_back({.text = "about " + name, .program = std::nullopt, .scale = 0, .currency = {}});
    treatment.by_language.emplace_back(std::move(form));
    topology.treatments.push_back(std::move(treatment));
    topology.offers.back().treatments.push_back(state::TreatmentId{static_cast<std::uint16_t>(topology.treatments.size() - 1)});
    topology::Trigger trigger;
    trigger.id = name;
    trigger.offers = {offer};
    trigger.on.push_back({.event_type = type, .where = std::nullopt});
    topology.triggers.push_back(std::move(trigger));
    topology.event_plans.resize(topology.event_types.size());
    topology.event_plans.back().event_triggers.push_back({static_cast<std::uint16_t>(topology.triggers.size() - 1), 0});
    return offer;
  }

  void OpenDaily(const char* hours) {
    const std::string text(hours);
    const calendar::HoursLine lines[] = {{"every day", text}};
    topology.channels[0].open = calendar::WeeklyHours::Parse(lines).value();
  }

  // Applies an event of the type named like the offer; the effects are those of this step alone.
  void Apply(state::OfferId what, EngineTime now) { Apply(what, {.now = now, .floor = now, .current = true}); }
  void Apply(state::OfferId what, const StepTime& time) {
    effects.Clear();
    const std::string id = "e" + std::to_string(++events_);
    const Event event{.type = what.value(), .time = time.now, .source = "test", .id = id, .customer = "C1", .fields = {}};
    Engine(topology).ApplyEvent(partition, customer, event, time, *scratch, effects);
    FireDue(time);
  }

  // Moves the clock to `now`, firing what is due on its own time.
  void AdvanceTo(EngineTime now) {
    effects.Clear();
    while (!customer.timers.empty() && customer.timers.front().due <= now) {
      const EngineTime due = std::max(customer.timers.front().due, partition.clock);
      Engine(topology).FireTimer(partition, customer, {.now = due, .floor = due, .current = true}, *scratch, effects);
    }
  }

  void FireDue(const StepTime& time) {
    while (!customer.timers.empty() && customer.timers.front().due <= time.now) {
      Engine(topology).FireTimer(partition, customer, time, *scratch, effects);
    }
  }

  // "a planned", "a sent": the changes of the last step.
  [[nodiscard]] std::vector<std::string> Changes() const;

 private:
  int events_ = 0;
};

}  // namespace antiphon::decision
