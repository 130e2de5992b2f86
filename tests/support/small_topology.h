#pragma once

#include <string>
#include <utility>

#include "engine/expression/compiler.h"
#include "engine/topology/topology.h"

namespace antiphon {

// A whole topology in small, made without YAML: event types by name, each the trigger of one offer with a fixed score, said by SMS from
// 09:00 to 17:00 UTC: what is decided at night is due in the morning. Events are JSON objects with type, id, time and customer.
class SmallTopology {
 public:
  SmallTopology() {
    topology_.name = "small";
    topology_.version = {.high = 1, .low = 2};
    topology_.envelope = {.type_path = {"type"}, .backfill_path = {"backfill"}, .unknown_types_dead_letter = false};
    topology_.languages = {"en"};
    topology_.remember = std::chrono::days{60};
    for (auto& rules : topology_.classes) rules.consent = std::nullopt;
    topology::Channel channel;
    channel.id = "sms";
    channel.address.by_channel = true;
    const calendar::HoursLine lines[] = {{"every day", "09:00-17:00"}};
    channel.open = calendar::WeeklyHours::Parse(lines).value();
    topology_.channels.push_back(std::move(channel));
  }

  // Call in alphabetical order of `name`: positions are in the order of ids.
  void AddTriggeredOffer(const std::string& name, int score) {
    const auto position = static_cast<std::uint16_t>(topology_.event_types.size());
    topology::EventType type;
    type.name = type.name_in_log = name;
    type.source = "test";
    type.role_fields.fill(topology::kNoField);
    type.id_path = {"id"};
    type.time_path = {"time"};
    type.customer_path = {"customer"};
    topology_.event_types.push_back(std::move(type));
    topology_.event_type_by_log_name.emplace(name, position);
    topology::Treatment treatment;
    treatment.id = name + ".sms";
    treatment.offer = state::OfferId{position};
    treatment.channel = state::ChannelId{0};
    topology::Template text;
    text.pieces.emplace_back().text = "about " + name;
    treatment.by_language.emplace_back(std::move(text));
    topology_.treatments.push_back(std::move(treatment));
    topology::Offer offer;
    offer.id = name;
    offer.value = expression::Compile(std::to_string(score), expression::Declarations{}).value();
    offer.treatments = {state::TreatmentId{position}};
    topology_.offers.push_back(std::move(offer));
    topology::Trigger trigger;
    trigger.id = name;
    trigger.offers = {state::OfferId{position}};
    trigger.on.push_back({.event_type = position, .where = std::nullopt});
    topology_.triggers.push_back(std::move(trigger));
    topology_.event_plans.emplace_back().event_triggers.push_back({.definition = position, .input = 0});
  }

  [[nodiscard]] topology::Topology Take() { return std::move(topology_); }

 private:
  topology::Topology topology_;
};

}  // namespace antiphon
