#include "engine/decision/customer_questions.h"

#include <algorithm>

#include "engine/decision/permissions.h"
#include "engine/decision/words.h"

namespace antiphon::decision {
namespace {

using expression::Kind;
using expression::Value;
using state::kNone;

const std::string* ProfileText(const Step& step, std::optional<state::ProfileFieldId> id) {
  if (!id) return nullptr;
  const auto* field = FindSorted(step.customer.profile, &state::ProfileField::field, *id);
  return field == nullptr ? nullptr : std::get_if<std::string>(&field->value);
}

// An offer's words by the key of a filter; a foreign offer has its name alone.
std::string_view OfferWord(const Step& step, const state::Contact& contact, std::string_view key) {
  if (contact.offer == kNone<state::OfferId>) return key == "offer" ? std::string_view(contact.foreign_offer) : std::string_view();
  const topology::Offer& offer = step.topology.offers[contact.offer.value()];
  if (key == "offer") return offer.id;
  if (key == "group") return offer.group;
  if (key == "issue") return offer.issue;
  return key == "product" ? std::string_view(offer.product) : std::string_view();
}

std::string_view ContactWord(const Step& step, const state::Contact& contact, std::string_view key) {
  if (key == "channel") {
    return contact.channel == kNone<state::ChannelId> ? std::string_view() : step.topology.channels[contact.channel.value()].id;
  }
  if (key == "campaign") {
    return contact.campaign == kNone<state::CampaignId> ? std::string_view() : step.topology.campaigns[contact.campaign.value()].id;
  }
  if (key == "class") return ClassName(contact.contact_class);
  if (key == "direction") return DirectionName(contact.direction);
  if (key == "status") return StatusName(contact.status);
  return OfferWord(step, contact, key);
}

bool Fits(const Step& step, const state::Contact& contact, const ContactQuestion& question) {
  if (state::IsOpen(contact.status) && std::binary_search(question.free.begin(), question.free.end(), contact.number)) return false;
  bool by_status = false;
  for (const expression::MapEntry& entry : question.filter.as_map()) {
    if (!entry.key.is(Kind::kString) || !entry.value.is(Kind::kString)) return false;
    by_status = by_status || entry.key.as_text() == "status";
    if (ContactWord(step, contact, entry.key.as_text()) != entry.value.as_text()) return false;
  }
  return by_status || state::TakesPlace(contact);
}

}  // namespace

const calendar::Zone& ZoneOf(const Step& step) {
  const std::string* name = ProfileText(step, step.topology.zone_field);
  if (name == nullptr) return step.topology.zone;
  const auto& zones = step.topology.customer_zones;
  const auto found = std::lower_bound(zones.begin(), zones.end(), *name,
                                      [](const calendar::Zone& zone, const std::string& wanted) { return zone.name() < wanted; });
  return found != zones.end() && found->name() == *name ? *found : step.topology.zone;
}

state::LanguageId LanguageOf(const Step& step) {
  const std::string* name = ProfileText(step, step.topology.language_field);
  if (name == nullptr) return step.topology.default_language;
  const auto found = topology::FindById(step.topology.languages, *name);
  return found ? state::LanguageId{*found} : step.topology.default_language;
}

std::int64_t HoldingsOf(const Step& step, std::string_view product) {
  const auto found = topology::FindById(step.topology.products, product);
  if (!found) return 0;
  const state::ProductId id{*found};
  return std::count_if(step.customer.holdings.begin(), step.customer.holdings.end(),
                       [id](const state::Holding& holding) { return holding.product == id; });
}

Value ConsentsByName(const Step& step, std::string_view purpose, std::string_view channel) {
  const auto purpose_id = topology::FindById(step.topology.purposes, purpose);
  if (!purpose_id) return Value::Bool(false);
  const auto channel_id = topology::FindById(step.topology.channels, channel);
  if (!channel_id && !channel.empty()) return Value::Bool(false);
  return Value::Bool(Consents(step, state::PurposeId{*purpose_id}, channel_id ? state::ChannelId{*channel_id} : kNone<state::ChannelId>));
}

Value SuppressedByName(const Step& step, std::string_view suppression) {
  for (std::size_t i = 0; i < step.topology.suppressions.size(); ++i) {
    if (step.topology.suppressions[i].id != suppression) continue;
    return Value::Bool(IsSuppressionActive(step, state::SuppressionId{static_cast<std::uint16_t>(i)}, step.time.at()));
  }
  return Value::Bool(false);
}

Value SinceByName(const Step& step, std::string_view scheme) {
  const auto found = topology::FindById(step.topology.segments, scheme);
  if (!found) return Value::Absent();
  const auto* segment = FindSorted(step.customer.segments, &state::SegmentState::scheme, state::SegmentSchemeId{*found});
  return segment == nullptr ? Value::Absent() : Value::DurationMs((step.time.now - segment->since).count());
}

Value CountContacts(const Step& step, const ContactQuestion& question, std::optional<Milliseconds> window) {
  std::int64_t count = 0;
  for (const state::Contact& contact : step.customer.contacts) {
    if (window && (contact.counted > step.time.at() || contact.counted <= step.time.at() - *window)) continue;
    if (Fits(step, contact, question)) ++count;
  }
  return Value::Int(count);
}

Value LastContact(const Step& step, const ContactQuestion& question) {
  std::optional<EngineTime> newest;
  for (const state::Contact& contact : step.customer.contacts) {
    if (contact.counted > step.time.at() || (newest && contact.counted <= *newest)) continue;
    if (Fits(step, contact, question)) newest = contact.counted;
  }
  return newest ? Value::TimestampMs(ToEpochMs(*newest)) : Value::Absent();
}

}  // namespace antiphon::decision
