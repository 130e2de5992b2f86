#include "engine/decision/customer_updates.h"

#include <tuple>

#include "engine/decision/evaluation.h"
#include "engine/decision/event_fields.h"
#include "engine/decision/ledger.h"
#include "engine/decision/scalars.h"
#include "engine/decision/timers.h"

namespace antiphon::decision {
namespace {

using expression::Kind;
using expression::Value;
using state::ChannelId;
using state::kNone;
using topology::EventRole;
using topology::RoleField;

const topology::EventPlan& PlanOf(const Step& step) { return step.topology.event_plans[step.event->type]; }

void UpdateProfile(Step& step, const Evaluation& evaluation) {
  for (const auto use : PlanOf(step).profile_fields) {
    const topology::ProfileFieldDefinition::Input& input = step.topology.profile_fields[use.definition].inputs[use.input];
    const Value value = step.event->fields[input.field];
    if (value.is(Kind::kAbsent)) continue;
    if (input.where && !evaluation.Holds(*input.where)) continue;
    const state::ProfileFieldId id{use.definition};
    state::ProfileField& field = FindOrInsertSorted(step.customer.profile, &state::ProfileField::field, id);
    if (step.event->time < field.time) continue;
    field.time = step.event->time;
    field.value = ToScalar(value);
  }
}

void UpdateHoldings(Step& step, const Evaluation& evaluation) {
  for (const auto use : PlanOf(step).holdings) {
    const topology::HoldingRule& rule = step.topology.holding_rules[use.definition];
    if (rule.where && !evaluation.Holds(*rule.where)) continue;
    state::ProductId product = rule.product;
    if (rule.product_field != topology::kNoField) {
      const Value name = step.event->fields[rule.product_field];
      if (!name.is(Kind::kString)) continue;
      const auto found = topology::FindById(step.topology.products, name.as_text());
      if (!found) {
        step.effects.Count(Counter::kUnknownWords);
        continue;
      }
      product = state::ProductId{*found};
    }
    std::string account;
    if (rule.account_field != topology::kNoField) {
      const Value text = step.event->fields[rule.account_field];
      if (text.is(Kind::kString)) account = text.as_text();
    }
    auto& holdings = step.customer.holdings;
    const auto wanted = std::tie(product, account);
    const auto at = std::lower_bound(holdings.begin(), holdings.end(), wanted, [](const state::Holding& holding, const auto& key) {
      return std::tie(holding.product, holding.account) < key;
    });
    const bool known = at != holdings.end() && std::tie(at->product, at->account) == wanted;
    if (rule.opens && !known) {
      holdings.insert(at, {.product = product, .since = step.event->time, .account = std::move(account)});
    } else if (!rule.opens && known) {
      holdings.erase(at);
    }
  }
}

void UpdateContactPoint(Step& step) {
  const auto kind = topology::FindById(step.topology.contact_points, RoleText(step, RoleField::kKind));
  const auto good = RoleBool(step, RoleField::kGood);
  if (!kind || !good) {
    step.effects.Count(Counter::kUnknownWords);
    return;
  }
  auto& point = FindOrInsertSorted(step.customer.contact_points, &state::ContactPoint::kind, state::ContactPointId{*kind});
  if (step.event->time < point.time) return;
  point.good = *good;
  point.time = step.event->time;
}

void UpdateConsent(Step& step) {
  const auto purpose = topology::FindById(step.topology.purposes, RoleText(step, RoleField::kPurpose));
  const auto granted = RoleBool(step, RoleField::kGranted);
  const std::string_view channel_name = RoleText(step, RoleField::kChannel);
  const bool everywhere = channel_name.empty() || channel_name == "all";
  const ChannelId channel = everywhere ? kNone<ChannelId> : RoleChannel(step);
  if (!purpose || !granted) {
    step.effects.Count(Counter::kUnknownWords);
    return;
  }
  if (!everywhere && channel == kNone<ChannelId>) return;
  ChangeConsent(step, state::PurposeId{*purpose}, channel, *granted, step.event->time);
}

void KeepPageView(Step& step) {
  if (step.topology.page_views_max == 0) return;
  auto& views = step.customer.page_views;
  if (views.size() >= step.topology.page_views_max) views.erase(views.begin());
  views.push_back({.time = step.event->time,
                   .sensitive = RoleBool(step, RoleField::kSensitive).value_or(false),
                   .path = std::string(RoleText(step, RoleField::kPath))});
}

// The case's name: one case where the author names none.
std::string CaseOf(const Evaluation& evaluation, const topology::Suppression::Side& side) {
  if (!side.case_id) return {};
  const Value value = evaluation.Evaluate(*side.case_id);
  return value.is(Kind::kString) ? std::string(value.as_text()) : std::string();
}

void OpenSuppressions(Step& step, const Evaluation& evaluation) {
  for (const auto use : PlanOf(step).suppressions_open) {
    const topology::Suppression::Side& side = step.topology.suppressions[use.definition].open[use.input];
    // In doubt it holds: a condition that fails does not keep a complaint from silencing.
    if (side.where && !evaluation.HoldsOrFails(*side.where)) continue;
    const state::SuppressionId id{use.definition};
    std::string case_id = CaseOf(evaluation, side);
    auto& cases = step.customer.suppressions;
    const auto wanted = std::tie(id, case_id);
    const auto at = std::lower_bound(cases.begin(), cases.end(), wanted, [](const state::SuppressionCase& open, const auto& key) {
      return std::tie(open.suppression, open.case_id) < key;
    });
    if (at != cases.end() && std::tie(at->suppression, at->case_id) == wanted) continue;
    cases.insert(at, {.suppression = id, .opened = step.event->time, .case_id = std::move(case_id)});
  }
}

void CloseSuppressions(Step& step, const Evaluation& evaluation) {
  for (const auto use : PlanOf(step).suppressions_close) {
    const topology::Suppression& rule = step.topology.suppressions[use.definition];
    const topology::Suppression::Side& side = rule.close[use.input];
    if (side.where && !evaluation.Holds(*side.where)) continue;
    const state::SuppressionId id{use.definition};
    const std::string case_id = CaseOf(evaluation, side);
    const std::size_t closed = std::erase_if(step.customer.suppressions, [id, &case_id](const state::SuppressionCase& open) {
      return open.suppression == id && open.case_id == case_id;
    });
    const bool last = FindSorted(step.customer.suppressions, &state::SuppressionCase::suppression, id) == nullptr;
    if (closed == 0 || !last || rule.quiet == Milliseconds{0}) continue;
    auto& aftermath = FindOrInsertSorted(step.customer.aftermaths, &state::Aftermath::suppression, id);
    aftermath.until = std::max(aftermath.until, step.event->time + rule.quiet);
  }
}

void UpdateByRole(Step& step) {
  switch (step.topology.event_types[step.event->type].role) {
    case EventRole::kConsentChanged:
      UpdateConsent(step);
      break;
    case EventRole::kContactPointChanged:
      UpdateContactPoint(step);
      break;
    case EventRole::kPageViewed:
      KeepPageView(step);
      break;
    default:
      break;
  }
}

}  // namespace

void ChangeConsent(Step& step, state::PurposeId purpose, ChannelId channel, bool granted, EngineTime time) {
  auto& consents = step.customer.consents;
  const auto wanted = std::tie(channel, purpose);
  auto at = std::lower_bound(consents.begin(), consents.end(), wanted, [](const state::Consent& consent, const auto& key) {
    return std::tie(consent.channel, consent.purpose) < key;
  });
  if (at == consents.end() || std::tie(at->channel, at->purpose) != wanted) {
    at = consents.insert(at, {.channel = channel, .purpose = purpose});
  } else if (time < at->time) {
    return;
  }
  at->granted = granted;
  at->time = time;
}

void UpdateCustomer(Step& step) {
  const Evaluation evaluation(step);
  UpdateProfile(step, evaluation);
  UpdateHoldings(step, evaluation);
  UpdateByRole(step);
  OpenSuppressions(step, evaluation);
  CloseSuppressions(step, evaluation);
  const bool consent = step.topology.event_types[step.event->type].role == EventRole::kConsentChanged;
  if (consent || !PlanOf(step).suppressions_open.empty()) CancelForbidden(step);
  if (consent || !PlanOf(step).suppressions_close.empty()) WakeWaitingMoments(step);
}

void UpdateSegments(Step& step) {
  for (std::size_t i = 0; i < step.topology.segments.size(); ++i) {
    const topology::SegmentScheme& scheme = step.topology.segments[i];
    if (!scheme.tracked) continue;
    const auto found = ClassOf(Evaluation(step), scheme);
    const state::SegmentSchemeId id{static_cast<std::uint16_t>(i)};
    const std::uint16_t segment_class = found.value_or(0xFFFF);
    const auto* known = FindSorted(step.customer.segments, &state::SegmentState::scheme, id);
    if (known != nullptr && known->segment_class == segment_class) continue;
    auto& kept = FindOrInsertSorted(step.customer.segments, &state::SegmentState::scheme, id);
    kept.segment_class = segment_class;
    kept.since = step.time.now;
  }
}

}  // namespace antiphon::decision
