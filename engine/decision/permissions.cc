#include "engine/decision/permissions.h"

#include "engine/topology/policy.h"

namespace antiphon::decision {
namespace {

using state::ChannelId;
using state::kNone;
using topology::CooldownScope;

const topology::ClassRules& RulesOf(const Step& step, state::ContactClass contact_class) {
  return step.topology.classes.at(static_cast<std::size_t>(contact_class));
}

// The texts of an offer by which cooldowns group.
std::string_view GroupOf(const topology::Offer& offer, CooldownScope scope) {
  switch (scope) {
    case CooldownScope::kGroup:
      return offer.group;
    case CooldownScope::kIssue:
      return offer.issue;
    case CooldownScope::kProduct:
      return offer.product;
    default:
      return {};
  }
}

// What a cooldown of this scope is about, as a number that the record keeps: for a group, issue or product the first offer that bears
// the same word. Nothing where the contact has no such thing.
std::optional<std::uint16_t> ScopeKey(const Step& step, CooldownScope scope, const Saying& saying) {
  switch (scope) {
    case CooldownScope::kEverything:
      return std::uint16_t{0};
    case CooldownScope::kChannel:
      return saying.channel == kNone<ChannelId> ? std::nullopt : std::optional(saying.channel.value());
    case CooldownScope::kCampaign:
      return saying.campaign == kNone<state::CampaignId> ? std::nullopt : std::optional(saying.campaign.value());
    case CooldownScope::kOffer:
      return saying.offer == kNone<state::OfferId> ? std::nullopt : std::optional(saying.offer.value());
    default:
      break;
  }
  if (saying.offer == kNone<state::OfferId>) return std::nullopt;
  const std::string_view word = GroupOf(step.topology.offers[saying.offer.value()], scope);
  if (word.empty()) return std::nullopt;
  for (std::size_t i = 0; i < step.topology.offers.size(); ++i) {
    if (GroupOf(step.topology.offers[i], scope) == word) return static_cast<std::uint16_t>(i);
  }
  return std::nullopt;
}

}  // namespace

bool Consents(const Step& step, state::PurposeId purpose, ChannelId channel) {
  const state::Consent* newest = nullptr;
  for (const state::Consent& consent : step.customer.consents) {
    const bool concerns = consent.purpose == purpose && (consent.channel == channel || consent.channel == kNone<ChannelId>);
    // At equal times the word on the one channel stands against the word on all: it comes first in the record's order.
    if (concerns && (newest == nullptr || consent.time > newest->time)) newest = &consent;
  }
  if (newest != nullptr) return newest->granted;
  const topology::ConsentPurpose& rules = step.topology.purposes[purpose.value()];
  const auto by_default = channel.value() < rules.by_channel.size() ? rules.by_channel[channel.value()] : rules.other;
  return by_default == topology::ConsentDefault::kYes;
}

std::string_view Unreachable(const Step& step, ChannelId channel) {
  const topology::Address& address = step.topology.channels[channel.value()].address;
  if (address.point != kNone<state::ContactPointId>) {
    const auto* point = FindSorted(step.customer.contact_points, &state::ContactPoint::kind, address.point);
    if (point != nullptr && !point->good) return "bad_address";
  }
  if (address.by_channel) return {};
  for (const state::ProfileFieldId field : address.fields) {
    const auto* known = FindSorted(step.customer.profile, &state::ProfileField::field, field);
    if (known == nullptr || state::IsAbsent(known->value)) continue;
    const auto* text = std::get_if<std::string>(&known->value);
    if (text == nullptr || !text->empty()) return {};
  }
  return "no_address";
}

bool IsSuppressionActive(const Step& step, state::SuppressionId id, EngineTime when) {
  if (FindSorted(step.customer.suppressions, &state::SuppressionCase::suppression, id) != nullptr) return true;
  const auto* aftermath = FindSorted(step.customer.aftermaths, &state::Aftermath::suppression, id);
  return aftermath != nullptr && when < aftermath->until;
}

Forbidden Suppressed(const Step& step, const Saying& saying, EngineTime when) {
  if (!RulesOf(step, saying.contact_class).suppressions) return {};
  if (step.customer.suppressions.empty() && step.customer.aftermaths.empty()) return {};
  for (std::size_t i = 0; i < step.topology.suppressions.size(); ++i) {
    const topology::Suppression& rule = step.topology.suppressions[i];
    if ((rule.limits & topology::BitOf(saying.direction)) == 0) continue;
    if (!rule.filter.Fits(saying.contact_class, saying.channel, saying.offer)) continue;
    const state::SuppressionId id{static_cast<std::uint16_t>(i)};
    if (!IsSuppressionActive(step, id, when)) continue;
    const bool open = FindSorted(step.customer.suppressions, &state::SuppressionCase::suppression, id) != nullptr;
    const auto* aftermath = FindSorted(step.customer.aftermaths, &state::Aftermath::suppression, id);
    return {.rule = rule.id, .until = open || aftermath == nullptr ? kEngineTimeMax : aftermath->until};
  }
  return {};
}

Forbidden CoolingDown(const Step& step, const Saying& saying, EngineTime when) {
  if (step.customer.cooldowns.empty() || !RulesOf(step, saying.contact_class).cooldowns) return {};
  for (const state::CooldownState& cooldown : step.customer.cooldowns) {
    if (cooldown.until <= when) continue;
    const topology::Cooldown& rule = step.topology.cooldowns[cooldown.cooldown.value()];
    if ((rule.limits & topology::BitOf(saying.direction)) == 0) continue;
    if (ScopeKey(step, rule.scope, saying) != cooldown.what) continue;
    return {.rule = rule.id, .until = cooldown.until};
  }
  return {};
}

bool StartCooldowns(Step& step, const state::Contact& contact, state::ContactStatus outcome, std::string_view code) {
  const Saying saying{.offer = contact.offer,
                      .channel = contact.channel,
                      .campaign = contact.campaign,
                      .contact_class = contact.contact_class,
                      .direction = contact.direction};
  bool began = false;
  for (std::size_t i = 0; i < step.topology.cooldowns.size(); ++i) {
    const topology::Cooldown& rule = step.topology.cooldowns[i];
    const bool meant = rule.code.empty() ? rule.outcome == outcome : rule.code == code;
    if (!meant || !rule.filter.Fits(contact.contact_class, contact.channel, contact.offer)) continue;
    const auto what = ScopeKey(step, rule.scope, saying);
    if (!what) continue;
    const state::CooldownId id{static_cast<std::uint16_t>(i)};
    const EngineTime until = step.time.at() + rule.over;
    auto& kept = step.customer.cooldowns;
    std::erase_if(kept, [&step](const state::CooldownState& old) { return old.until <= step.time.now; });
    auto at = std::lower_bound(kept.begin(), kept.end(), std::pair(id, *what), [](const state::CooldownState& old, const auto& wanted) {
      return std::pair(old.cooldown, old.what) < wanted;
    });
    if (at == kept.end() || at->cooldown != id || at->what != *what) at = kept.insert(at, {.cooldown = id, .what = *what});
    if (until <= at->until) continue;
    at->until = until;
    began = true;
  }
  return began;
}

}  // namespace antiphon::decision
