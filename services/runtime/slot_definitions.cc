#include "services/runtime/slot_definitions.h"

#include <string>
#include <string_view>
#include <utility>

#include "state/base/hash.h"

namespace antiphon::runtime {
namespace {

using store::SlotDefinition;
using store::SlotKind;

class Definitions {
 public:
  void Add(SlotKind kind, std::string id, std::string_view definition = {}, SlotKind refers_to = SlotKind::kNone) {
    all_.push_back({.kind = kind,
                    .id = std::move(id),
                    .definition = definition.empty() ? Hash128{} : HashBytes128(definition),
                    .refers_to = refers_to});
  }
  void AddTexts(SlotKind kind, const std::vector<std::string>& ids) {
    for (const std::string& id : ids) Add(kind, id);
  }
  template <typename Items>
  void AddIds(SlotKind kind, const Items& items) {
    for (const auto& item : items) Add(kind, item.id);
  }
  [[nodiscard]] std::vector<SlotDefinition> Take() { return std::move(all_); }

 private:
  std::vector<SlotDefinition> all_;
};

// Held events keep their fields by position.
std::string FieldsOf(const topology::EventType& type) {
  std::string text = "fields";
  for (const topology::EventField& field : type.fields) {
    text += '\n';
    text += field.name;
    text += ' ';
    text += std::to_string(static_cast<unsigned>(field.type));
    text += ' ';
    text += std::to_string(field.scale);
    text += field.currency;
  }
  return text;
}

// A record keeps the position of the class.
std::string ClassesOf(const topology::SegmentScheme& scheme) {
  std::string text = "classes";
  for (const topology::SegmentScheme::Class& segment_class : scheme.classes) {
    text += '\n';
    text += segment_class.name;
  }
  return text;
}

// What CooldownState::what is: engine/decision/permissions.h keys a group, an issue and a product by their first offer.
SlotKind RefersTo(topology::CooldownScope scope) {
  switch (scope) {
    case topology::CooldownScope::kOffer:
    case topology::CooldownScope::kGroup:
    case topology::CooldownScope::kIssue:
    case topology::CooldownScope::kProduct:
      return SlotKind::kOffer;
    case topology::CooldownScope::kCampaign:
      return SlotKind::kCampaign;
    case topology::CooldownScope::kChannel:
      return SlotKind::kChannel;
    case topology::CooldownScope::kEverything:
      return SlotKind::kNone;
  }
  return SlotKind::kNone;
}

std::string TypeAndUnit(const topology::ProfileFieldDefinition& field) {
  return "field " + std::to_string(static_cast<unsigned>(field.type)) + " " + field.unit;
}

}  // namespace

std::vector<SlotDefinition> SlotDefinitionsOf(const topology::Topology& topology) {
  Definitions definitions;
  definitions.AddIds(SlotKind::kChannel, topology.channels);
  definitions.AddIds(SlotKind::kOffer, topology.offers);
  definitions.AddIds(SlotKind::kTreatment, topology.treatments);
  definitions.AddIds(SlotKind::kCampaign, topology.campaigns);
  for (const topology::Trigger& trigger : topology.triggers) definitions.Add(SlotKind::kTrigger, trigger.id, trigger.definition);
  for (const topology::Feature& feature : topology.features) definitions.Add(SlotKind::kFeature, feature.name, feature.definition);
  for (const auto& field : topology.profile_fields) definitions.Add(SlotKind::kProfileField, field.name, TypeAndUnit(field));
  for (const auto& scheme : topology.segments) definitions.Add(SlotKind::kSegmentScheme, scheme.name, ClassesOf(scheme));
  definitions.AddIds(SlotKind::kSuppression, topology.suppressions);
  for (const auto& cooldown : topology.cooldowns) {
    const SlotKind refers_to = RefersTo(cooldown.scope);
    definitions.Add(SlotKind::kCooldown, cooldown.id, "scope " + std::to_string(static_cast<unsigned>(cooldown.scope)), refers_to);
  }
  definitions.AddTexts(SlotKind::kProduct, topology.products);
  definitions.AddIds(SlotKind::kPurpose, topology.purposes);
  definitions.AddTexts(SlotKind::kContactPoint, topology.contact_points);
  definitions.AddTexts(SlotKind::kLanguage, topology.languages);
  definitions.AddTexts(SlotKind::kMomentValue, topology.moment_values);
  for (const topology::EventType& type : topology.event_types) definitions.Add(SlotKind::kEventType, type.name, FieldsOf(type));
  return definitions.Take();
}

}  // namespace antiphon::runtime
