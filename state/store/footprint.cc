#include "state/store/footprint.h"

#include <string>
#include <variant>
#include <vector>

namespace antiphon::store {
namespace {

constexpr std::size_t kAllocation = 16;  // what malloc adds
constexpr std::size_t kInlineTextMax = 15;

std::size_t OfText(const std::string& text) { return text.capacity() > kInlineTextMax ? text.capacity() + kAllocation : 0; }

template <typename T>
std::size_t OfVector(const std::vector<T>& entries) {
  return entries.capacity() == 0 ? 0 : entries.capacity() * sizeof(T) + kAllocation;
}

std::size_t OfScalar(const state::Scalar& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? OfText(*text) : 0;
}

std::size_t OfScalars(const std::vector<state::Scalar>& values) {
  std::size_t bytes = OfVector(values);
  for (const state::Scalar& value : values) bytes += OfScalar(value);
  return bytes;
}

std::size_t OfRuns(const std::vector<state::PatternRun>& runs) {
  std::size_t bytes = OfVector(runs);
  for (const state::PatternRun& run : runs) bytes += OfText(run.first_event_id) + OfVector(run.taken) + OfScalars(run.captures);
  return bytes;
}

std::size_t OfTrigger(const state::TriggerState& trigger) {
  std::size_t bytes = OfRuns(trigger.runs.open) + OfRuns(trigger.runs.waiting) + OfVector(trigger.held);
  for (const state::HeldEvent& event : trigger.held) bytes += OfText(event.source) + OfText(event.id) + OfScalars(event.fields);
  return bytes;
}

std::size_t OfContact(const state::Contact& contact) {
  return OfVector(contact.moments) + OfText(contact.actor.id) + OfText(contact.actor.branch) + OfText(contact.interaction_id) +
         OfText(contact.foreign_id) + OfText(contact.source_system) + OfText(contact.foreign_offer);
}

}  // namespace

std::size_t HeapBytes(const state::CustomerState& customer) {
  std::size_t bytes = OfText(customer.customer) + customer.recent_ids.capacity() * sizeof(state::RecentIds::Entry);
  bytes += OfVector(customer.profile) + OfVector(customer.holdings) + OfVector(customer.features) + OfVector(customer.segments) +
           OfVector(customer.consents) + OfVector(customer.contact_points) + OfVector(customer.suppressions) +
           OfVector(customer.aftermaths) + OfVector(customer.cooldowns) + OfVector(customer.triggers) + OfVector(customer.moments) +
           OfVector(customer.contacts) + OfVector(customer.timers) + OfVector(customer.page_views);
  for (const state::ProfileField& field : customer.profile) bytes += OfScalar(field.value);
  for (const state::Holding& holding : customer.holdings) bytes += OfText(holding.account);
  for (const state::FeatureState& feature : customer.features) {
    bytes += OfVector(feature.buckets) + OfVector(feature.scalars);
    for (const state::TimedScalar& scalar : feature.scalars) bytes += OfScalar(scalar.value);
  }
  for (const state::SuppressionCase& suppression : customer.suppressions) bytes += OfText(suppression.case_id);
  for (const state::TriggerState& trigger : customer.triggers) bytes += OfTrigger(trigger);
  for (const state::Moment& moment : customer.moments) {
    bytes += OfText(moment.source) + OfText(moment.cause_id) + OfVector(moment.values);
    for (const state::MomentValue& value : moment.values) bytes += OfScalar(value.value);
  }
  for (const state::Contact& contact : customer.contacts) bytes += OfContact(contact);
  for (const state::PageView& view : customer.page_views) bytes += OfText(view.path);
  return bytes;
}

}  // namespace antiphon::store
