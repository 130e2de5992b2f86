#include "engine/decision/contact_policy.h"

#include <algorithm>
#include <span>
#include <vector>

#include "engine/decision/ledger.h"

namespace antiphon::decision {
namespace {

using state::Contact;
using state::ContactStatus;
using topology::BitOf;
using topology::Cap;

const topology::ClassRules& RulesOf(const Step& step, state::ContactClass contact_class) {
  return step.topology.classes.at(static_cast<std::size_t>(contact_class));
}

bool IsFree(const PlaceQuestion& question, const Contact& contact) {
  return std::binary_search(question.free.begin(), question.free.end(), contact.number);
}

bool CountsFor(const Step& step, const Cap& cap, const PlaceQuestion& question, const Contact& contact) {
  if ((cap.counts & BitOf(contact.direction)) == 0) return false;
  if (!RulesOf(step, contact.contact_class).caps) return false;
  if (!cap.filter.Fits(contact.contact_class, contact.channel, contact.offer)) return false;
  const bool takes = state::TakesPlace(contact) || (cap.count_failed && contact.status == ContactStatus::kFailed);
  return takes && !IsFree(question, contact);
}

// A held plan counts once with its proposal: one plan with one proposal of its offer, so that each further proposal counts.
std::uint32_t CountIn(std::span<const CountedContact> counted, EngineTime after, EngineTime until) {
  const auto inside = [after, until](const CountedContact& one) { return one.time > after && one.time <= until; };
  std::uint32_t count = 0;
  for (auto one = counted.begin(); one != counted.end(); ++one) {
    if (!inside(*one)) continue;
    const auto of_same_offer = [&](const CountedContact& other) { return other.offer == one->offer && inside(other); };
    const auto is_plan = [&](const CountedContact& other) { return other.plan && of_same_offer(other); };
    const auto is_proposal = [&](const CountedContact& other) { return other.proposal && of_same_offer(other); };
    const bool told_by_plan =
        one->proposal && std::count_if(counted.begin(), one, is_proposal) < std::count_if(counted.begin(), counted.end(), is_plan);
    if (!told_by_plan) ++count;
  }
  return count;
}

// Valid until the next call.
std::span<const CountedContact> CountedFor(const Step& step, const Cap& cap, const PlaceQuestion& question) {
  std::vector<CountedContact>& counted = step.scratch.counted;
  counted.clear();
  for (const Contact& contact : step.customer.contacts) {
    if (!CountsFor(step, cap, question, contact)) continue;
    counted.push_back({.time = contact.counted,
                       .offer = contact.offer,
                       .plan = contact.status == ContactStatus::kPlanned,
                       .proposal = contact.status == ContactStatus::kProposed});
  }
  return counted;
}

std::uint32_t MostInRollingWindow(std::span<const CountedContact> counted, Milliseconds over, EngineTime when) {
  // A window (t - over, t] contains `when` for t in [when, when + over); the count changes at the counted times only.
  std::uint32_t most = CountIn(counted, when - over, when);
  for (const CountedContact& one : counted) {
    if (one.time > when && one.time < when + over) most = std::max(most, CountIn(counted, one.time - over, one.time));
  }
  return most;
}

std::uint32_t MostFor(const Cap& cap, std::span<const CountedContact> counted, EngineTime when) {
  if (const auto& period = cap.calendar_period) {
    return CountIn(counted, period->PeriodStart(when) - Milliseconds{1}, period->PeriodEnd(when) - Milliseconds{1});
  }
  return MostInRollingWindow(counted, cap.over.value_or(Milliseconds{0}), when);
}

// When a full cap could next have a place.
EngineTime NextOpening(const Cap& cap, std::span<const CountedContact> counted, EngineTime when) {
  if (const auto& period = cap.calendar_period) return period->PeriodEnd(when);
  const Milliseconds over = cap.over.value_or(Milliseconds{0});
  EngineTime next = kEngineTimeMax;
  for (const CountedContact& one : counted) {
    if (one.time + over > when) next = std::min(next, one.time + over);
  }
  return next;
}

}  // namespace

std::uint32_t MostInAnyWindow(const Step& step, const Cap& cap, const PlaceQuestion& question) {
  return MostFor(cap, CountedFor(step, cap, question), question.when);
}

Forbidden CapReached(const Step& step, const PlaceQuestion& question) {
  const Saying& saying = question.saying;
  if (!RulesOf(step, saying.contact_class).caps || step.customer.contacts.empty()) return {};
  for (const Cap& cap : step.topology.caps) {
    if ((cap.limits & BitOf(saying.direction)) == 0) continue;
    if (!cap.filter.Fits(saying.contact_class, saying.channel, saying.offer)) continue;
    const std::span<const CountedContact> counted = CountedFor(step, cap, question);
    // What limits but does not count takes no place itself: it is refused while the others fill the cap.
    const std::uint32_t own = (cap.counts & BitOf(saying.direction)) != 0 ? 1 : 0;
    const std::uint32_t most = MostFor(cap, counted, question.when);
    const bool refused = own == 1 ? most + 1 > cap.max : most >= cap.max;
    if (refused) return {.rule = cap.id, .until = NextOpening(cap, counted, question.when)};
  }
  return {};
}

Forbidden TooCloseBy(const Step& step, const PlaceQuestion& question) {
  const Saying& saying = question.saying;
  if (!RulesOf(step, saying.contact_class).gaps) return {};
  for (const topology::Gap& gap : step.topology.gaps) {
    if ((gap.limits & BitOf(saying.direction)) == 0) continue;
    if (!gap.filter.Fits(saying.contact_class, saying.channel, saying.offer)) continue;
    for (const Contact& contact : step.customer.contacts) {
      if ((gap.counts & BitOf(contact.direction)) == 0 || !state::TakesPlace(contact) || IsFree(question, contact)) continue;
      if (!RulesOf(step, contact.contact_class).gaps) continue;
      if (!gap.filter.Fits(contact.contact_class, contact.channel, contact.offer)) continue;
      const Milliseconds distance = contact.counted > question.when ? contact.counted - question.when : question.when - contact.counted;
      if (distance < gap.min) return {.rule = gap.id, .until = contact.counted + gap.min};
    }
  }
  return {};
}

Forbidden ExcludedBy(const Step& step, const PlaceQuestion& question) {
  const Saying& saying = question.saying;
  if (!RulesOf(step, saying.contact_class).exclusions || saying.offer == state::kNone<state::OfferId>) return {};
  for (const topology::Exclusion& exclusion : step.topology.exclusions) {
    if ((exclusion.limits & BitOf(saying.direction)) == 0 || !exclusion.offers[saying.offer.value()]) continue;
    for (const Contact& contact : step.customer.contacts) {
      if (contact.offer == state::kNone<state::OfferId> || contact.offer == saying.offer) continue;
      if ((exclusion.counts & BitOf(contact.direction)) == 0 || !exclusion.offers[contact.offer.value()]) continue;
      if (!state::TakesPlace(contact) || IsFree(question, contact)) continue;
      const Milliseconds distance = contact.counted > question.when ? contact.counted - question.when : question.when - contact.counted;
      if (distance < exclusion.over) return {.rule = exclusion.id, .until = contact.counted + exclusion.over};
    }
  }
  return {};
}

}  // namespace antiphon::decision
