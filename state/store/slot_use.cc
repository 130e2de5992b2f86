#include "state/store/slot_use.h"

namespace antiphon::store {
namespace {

// An id's slot, unless it is none.
template <typename Id>
void Visit(Id id, const SlotVisitor& visitor) {
  if (id != state::kNone<Id>) visitor(kSlotKindOf<Id>, id.value());
}

void VisitContact(const state::Contact& contact, const SlotVisitor& visitor) {
  Visit(contact.channel, visitor);
  Visit(contact.offer, visitor);
  Visit(contact.treatment, visitor);
  Visit(contact.campaign, visitor);
  Visit(contact.trigger, visitor);
  Visit(contact.language, visitor);
}

}  // namespace

void VisitSlots(const state::CustomerState& customer, const SlotVisitor& visitor) {
  for (const auto& field : customer.profile) Visit(field.field, visitor);
  for (const auto& holding : customer.holdings) Visit(holding.product, visitor);
  for (const auto& feature : customer.features) Visit(feature.feature, visitor);
  for (const auto& segment : customer.segments) Visit(segment.scheme, visitor);
  for (const auto& consent : customer.consents) {
    Visit(consent.channel, visitor);
    Visit(consent.purpose, visitor);
  }
  for (const auto& point : customer.contact_points) Visit(point.kind, visitor);
  for (const auto& open : customer.suppressions) Visit(open.suppression, visitor);
  for (const auto& aftermath : customer.aftermaths) Visit(aftermath.suppression, visitor);
  for (const auto& cooldown : customer.cooldowns) Visit(cooldown.cooldown, visitor);
  for (const auto& trigger : customer.triggers) {
    Visit(trigger.trigger, visitor);
    for (const auto& held : trigger.held) visitor(SlotKind::kEventType, held.event_type);
  }
  for (const auto& moment : customer.moments) {
    Visit(moment.trigger, visitor);
    for (const auto& value : moment.values) Visit(value.name, visitor);
  }
  for (const auto& contact : customer.contacts) VisitContact(contact, visitor);
}

}  // namespace antiphon::store
