#include "engine/decision/triggers.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/calendar/anniversary.h"
#include "engine/decision/candidates.h"
#include "engine/decision/customer_questions.h"
#include "engine/decision/evaluation.h"
#include "engine/decision/outbound_decision.h"
#include "engine/decision/scalars.h"
#include "engine/decision/timers.h"

namespace antiphon::decision {
namespace {

using expression::Value;
using state::Moment;
using state::TimerKind;
using state::TriggerId;
using state::TriggerState;
using topology::Trigger;

// A run keeps this many events at most; docs/patterns.md, "Bounds".
inline constexpr std::size_t kRunEventsMax = 1024;
inline constexpr std::uint8_t kBackfillMark = 1;

const Trigger& Definition(const Step& step, TriggerId id) { return step.topology.triggers[id.value()]; }

TriggerState& StateOf(Step& step, TriggerId id) { return FindOrInsertSorted(step.customer.triggers, &TriggerState::trigger, id); }

const topology::EventCondition* ConditionFor(std::span<const topology::EventCondition> conditions, topology::EventTypeIndex type) {
  for (const topology::EventCondition& condition : conditions) {
    if (condition.event_type == type) return &condition;
  }
  return nullptr;
}

std::uint16_t FieldFor(std::span<const topology::EventFieldRef> fields, topology::EventTypeIndex type) {
  for (const topology::EventFieldRef& field : fields) {
    if (field.event_type == type) return field.field;
  }
  return topology::kNoField;
}

// The value of a field as runs and moments keep it; `event.time` and `event.id` have numbers of their own.
state::Scalar KeptValue(const Event& event, std::uint16_t field) {
  switch (field) {
    case topology::kNoField:
      return {};
    case topology::kEventTimeField:
      return event.time;
    case topology::kEventIdField:
      return std::string(event.id);
    default:
      return ToScalar(event.fields[field]);
  }
}

// The event in hand as the matcher asks for it.
class EventConditions final : public pattern::Conditions {
 public:
  EventConditions(Step& step, const Trigger& trigger) : step_(step), trigger_(trigger), evaluation_(step) {}

  bool Holds(pattern::ConditionId id, const pattern::RunView& run) override {
    const topology::EventCondition* condition = ConditionFor(trigger_.conditions[id], step_.event->type);
    if (condition == nullptr) return false;
    if (!condition->where) return true;
    evaluation_.captures = run.captures;
    return evaluation_.Holds(*condition->where);
  }

  state::Scalar Capture(pattern::FieldId id) override {
    return KeptValue(*step_.event, FieldFor(trigger_.capture_fields[id], step_.event->type));
  }

 private:
  Step& step_;
  const Trigger& trigger_;
  Evaluation evaluation_;
};

pattern::Matcher MatcherOf(const Trigger& trigger) {
  return pattern::Matcher(trigger.pattern, {.runs_max = trigger.runs_max, .events_max = kRunEventsMax});
}

// The values that offers read, from the event in hand and the run.
std::vector<state::MomentValue> CaptureValues(const Step& step, const Trigger& trigger, const state::PatternRun* run) {
  std::vector<state::MomentValue> values;
  for (const topology::MomentCapture& capture : trigger.moment_captures) {
    state::Scalar value;
    if (capture.capture && run != nullptr) {
      value = run->captures[*capture.capture];
    } else if (step.event != nullptr) {
      value = KeptValue(*step.event, FieldFor(capture.event_fields, step.event->type));
    }
    if (!state::IsAbsent(value)) values.push_back({.name = capture.name, .value = std::move(value)});
  }
  return values;
}

// The open moments of one trigger that a customer keeps without a contact; a request sees the newest alone. docs/triggers.md, "Bounds".
inline constexpr std::size_t kOpenMomentsMax = 64;

// Those beyond it end early, the oldest first, counted: a trigger that fires at each of a customer's million events stays small. Called
// once the moments of the step are decided, since each is decided when it opens.
void TrimMoments(Step& step, TriggerId id) {
  if (step.customer.moments.size() <= kOpenMomentsMax) return;
  const auto waits = [id](const Moment& moment) { return moment.trigger == id && !moment.has_contact; };
  auto beyond = std::ranges::count_if(step.customer.moments, waits) - static_cast<std::ptrdiff_t>(kOpenMomentsMax);
  if (beyond <= 0) return;
  step.effects.Count(Counter::kMomentsCrowdedOut, static_cast<std::uint64_t>(beyond));
  std::erase_if(step.customer.moments, [&](const Moment& moment) {
    if (beyond == 0 || !waits(moment)) return false;
    --beyond;
    CancelTimers(step, TimerKind::kMomentExpires, moment.number);
    CancelTimers(step, TimerKind::kMomentRetry, moment.number);
    return true;
  });
}

struct MomentCause {
  std::string source;
  std::string id;
};

void OpenMoment(Step& step, TriggerId id, MomentCause cause, std::vector<state::MomentValue> values) {
  const Trigger& trigger = Definition(step, id);
  if (trigger.again_after) {
    TriggerState& state = StateOf(step, id);
    if (state.fired && step.time.now - state.last_fired < *trigger.again_after) {
      step.effects.Count(Counter::kMomentsHeldBack);
      return;
    }
    state.fired = true;
    state.last_fired = step.time.now;
  }
  step.effects.Count(Counter::kMomentsOpened);
  const std::uint32_t number = ++step.customer.moments_opened;
  step.customer.moments.push_back({.number = number,
                                   .trigger = id,
                                   .opened = step.time.now,
                                   .expires = step.time.now + trigger.expires_after,
                                   .source = std::move(cause.source),
                                   .cause_id = std::move(cause.id),
                                   .values = std::move(values)});
  SetTimer(step, step.customer.moments.back().expires, TimerKind::kMomentExpires, number);
  step.scratch.opened.push_back(number);
}

// The system that the events of a run's first step come from.
std::string SourceOfRuns(const Step& step, const Trigger& trigger) {
  return trigger.watches.empty() ? std::string() : step.topology.event_types[trigger.watches.front()].source;
}

void FollowMatches(Step& step, TriggerId id, const pattern::Told& told) {
  const Trigger& trigger = Definition(step, id);
  step.effects.Count(Counter::kRunsRefused, told.runs_refused + told.waiting_refused + told.events_refused);
  for (const pattern::ToldMatch& match : told.matches) {
    const bool backfilled =
        match.by_clock ? match.at + trigger.lateness <= step.partition.newest_backfill : (step.event != nullptr && step.event->backfill);
    if (backfilled) {
      step.effects.Count(Counter::kBackfillMatches);
      continue;
    }
    MomentCause cause;
    if (match.by_clock || step.event == nullptr) {
      cause = {.source = SourceOfRuns(step, trigger), .id = match.run.first_event_id};
    } else {
      cause = {.source = std::string(step.event->source), .id = std::string(step.event->id)};
    }
    OpenMoment(step, id, std::move(cause), CaptureValues(step, trigger, &match.run));
  }
}

// What is kept of a trigger's runs after the matcher moved them: their timer, or nothing where nothing is open.
void SettleRuns(Step& step, TriggerId id, const pattern::Matcher& matcher) {
  const TriggerState* state = FindSorted(step.customer.triggers, &TriggerState::trigger, id);
  std::optional<EngineTime> due;
  if (state != nullptr) {
    due = matcher.NextMatchDue(state->runs);
    if (due) *due += Definition(step, id).lateness;
    if (state->runs.Empty() && state->held.empty() && !state->fired && state->runs_refused == 0) {
      std::erase_if(step.customer.triggers, [id](const TriggerState& kept) { return kept.trigger == id; });
    }
  }
  KeepTimer(step, due, TimerKind::kPattern, id.value());
}

// Shows the event in hand to the pattern at its place in the order of arrival.
void ShowToPattern(Step& step, TriggerId id, std::uint64_t arrival) {
  const Trigger& trigger = Definition(step, id);
  const pattern::Matcher matcher = MatcherOf(trigger);
  TriggerState* state = FindSorted(step.customer.triggers, &TriggerState::trigger, id);
  state::PatternRuns fresh;
  state::PatternRuns& runs = state == nullptr ? fresh : state->runs;
  EventConditions conditions(step, trigger);
  pattern::Told& told = step.scratch.told;
  told.Clear();
  const pattern::EventInHand hand{
      .time = step.event->time, .ordinal = arrival, .id = step.event->id, .mark = step.event->backfill ? kBackfillMark : std::uint8_t{0}};
  const bool had_runs = !runs.Empty();
  matcher.OnEvent(runs, hand, conditions, step.scratch.matcher, told);
  if (!had_runs && runs.Empty() && told.matches.empty() && told.runs_refused == 0) return;  // nothing began: nothing to keep
  if (state == nullptr && !fresh.Empty()) StateOf(step, id).runs = std::move(fresh);
  if (told.runs_refused > 0) StateOf(step, id).runs_refused += static_cast<std::uint32_t>(told.runs_refused);
  FollowMatches(step, id, told);
  SettleRuns(step, id, matcher);
}

void HoldEvent(Step& step, TriggerId id) {
  const Event& event = *step.event;
  const Trigger& trigger = Definition(step, id);
  if (event.time + trigger.lateness < step.time.now) {
    step.effects.Count(Counter::kLateForPatterns);
    return;
  }
  state::HeldEvent held{.time = event.time,
                        .arrival = step.customer.arrivals,
                        .event_type = event.type,
                        .backfill = event.backfill,
                        .source = std::string(event.source),
                        .id = std::string(event.id)};
  held.fields.reserve(event.fields.size());
  for (const Value& value : event.fields) held.fields.push_back(ToScalar(value));
  auto& events = StateOf(step, id).held;
  const auto at = std::upper_bound(events.begin(), events.end(), held, [](const state::HeldEvent& left, const state::HeldEvent& right) {
    return std::pair(left.time, left.arrival) < std::pair(right.time, right.arrival);
  });
  events.insert(at, std::move(held));
  KeepTimer(step, events.front().time + trigger.lateness, TimerKind::kLateness, id.value());
}

void FireSingleEvent(Step& step, TriggerId id, const topology::EventCondition& condition) {
  const Trigger& trigger = Definition(step, id);
  if (condition.where && !Evaluation(step).Holds(*condition.where)) return;
  if (step.event->backfill) {
    step.effects.Count(Counter::kBackfillMatches);
    return;
  }
  OpenMoment(step, id, {.source = std::string(step.event->source), .id = std::string(step.event->id)},
             CaptureValues(step, trigger, nullptr));
}

std::optional<EngineTime> NextDate(const Step& step, const Trigger& trigger, calendar::From from) {
  const auto* field = FindSorted(step.customer.profile, &state::ProfileField::field, trigger.date.field);
  if (field == nullptr) return std::nullopt;
  const auto* time = std::get_if<EngineTime>(&field->value);
  if (time == nullptr) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(*time)};
  return calendar::NextOccurrence(ZoneOf(step), trigger.date.rule, date, step.time.now, from);
}

}  // namespace

void ShowEventToTriggers(Step& step) {
  const topology::EventPlan& plan = step.topology.event_plans[step.event->type];
  for (const auto use : plan.event_triggers) {
    const TriggerId id{use.definition};
    FireSingleEvent(step, id, Definition(step, id).on[use.input]);
  }
  if (plan.pattern_triggers.empty()) return;
  const bool late = step.event->time < step.customer.newest_event;
  step.customer.newest_event = std::max(step.customer.newest_event, step.event->time);
  bool counted_late = false;
  for (const TriggerId id : plan.pattern_triggers) {
    if (Definition(step, id).lateness > Milliseconds{0}) {
      HoldEvent(step, id);
    } else if (!late) {
      ShowToPattern(step, id, step.customer.arrivals);
    } else if (!counted_late) {
      step.effects.Count(Counter::kLateForPatterns);
      counted_late = true;
    }
  }
}

void AdvancePattern(Step& step, TriggerId id) {
  TriggerState* state = FindSorted(step.customer.triggers, &TriggerState::trigger, id);
  if (state == nullptr) return;
  const Trigger& trigger = Definition(step, id);
  const pattern::Matcher matcher = MatcherOf(trigger);
  step.scratch.told.Clear();
  matcher.AdvanceTo(state->runs, step.time.now - trigger.lateness, step.scratch.matcher, step.scratch.told);
  FollowMatches(step, id, step.scratch.told);
  SettleRuns(step, id, matcher);
}

void ShowHeldEvents(Step& step, TriggerId id) {
  const Milliseconds lateness = Definition(step, id).lateness;
  while (true) {
    TriggerState* state = FindSorted(step.customer.triggers, &TriggerState::trigger, id);
    if (state == nullptr || state->held.empty()) return;
    if (state->held.front().time + lateness > step.time.now) {
      KeepTimer(step, state->held.front().time + lateness, TimerKind::kLateness, id.value());
      return;
    }
    const state::HeldEvent held = std::move(state->held.front());
    state->held.erase(state->held.begin());
    std::vector<Value> fields;
    fields.reserve(held.fields.size());
    for (const state::Scalar& field : held.fields) fields.push_back(ToValue(field));
    const Event event{.type = held.event_type,
                      .backfill = held.backfill,
                      .time = held.time,
                      .source = held.source,
                      .id = held.id,
                      .customer = step.customer.customer,
                      .fields = fields};
    step.event = &event;
    ShowToPattern(step, id, held.arrival);
    step.event = nullptr;
  }
}

void FireDate(Step& step, TriggerId id) {
  const Trigger& trigger = Definition(step, id);
  const EngineTime due = step.time.now;
  if (const auto next = NextDate(step, trigger, calendar::From::kAfter)) KeepTimer(step, next, TimerKind::kDate, id.value());
  if (due <= step.partition.newest_backfill) {
    step.effects.Count(Counter::kBackfillMatches);
    return;
  }
  OpenMoment(step, id, {.source = {}, .id = FormatTime(due)}, CaptureValues(step, trigger, nullptr));
}

void RefreshDates(Step& step) {
  if (step.topology.date_triggers.empty() || step.topology.event_plans[step.event->type].profile_fields.empty()) return;
  for (const TriggerId id : step.topology.date_triggers) {
    const Trigger& trigger = Definition(step, id);
    bool touched = false;
    for (const auto use : step.topology.event_plans[step.event->type].profile_fields) {
      touched = touched || use.definition == trigger.date.field.value() ||
                use.definition == (step.topology.zone_field ? step.topology.zone_field->value() : 0xFFFF);
    }
    if (!touched) continue;
    // A timer due now has fired before the event; its moment stands. A date that comes to be now fires at the end of this step.
    const bool fired = std::ranges::any_of(
        step.customer.moments, [&step, id](const Moment& moment) { return moment.trigger == id && moment.opened == step.time.now; });
    KeepTimer(step, NextDate(step, trigger, fired ? calendar::From::kAfter : calendar::From::kAtOrAfter), TimerKind::kDate, id.value());
  }
}

void DecideOpened(Step& step) {
  auto& opened = step.scratch.opened;
  if (opened.empty()) return;
  DecideMoments(step, opened, CauseKind::kMoment);
  for (const std::uint32_t number : opened) {
    const Moment* moment = FindSorted(step.customer.moments, &Moment::number, number);
    if (moment != nullptr) TrimMoments(step, moment->trigger);
  }
  opened.clear();
}

void ExpireMoment(Step& step, std::uint32_t number) {
  const Moment* moment = FindSorted(step.customer.moments, &Moment::number, number);
  if (moment == nullptr) return;
  if (!moment->has_contact) step.effects.Count(Counter::kMomentsExpired);
  CancelTimers(step, TimerKind::kMomentRetry, number);
  std::erase_if(step.customer.moments, [number](const Moment& open) { return open.number == number; });
}

}  // namespace antiphon::decision
