#include "engine/decision/evaluation.h"

#include "engine/calendar/anniversary.h"
#include "engine/decision/customer_questions.h"
#include "engine/decision/feature_values.h"
#include "engine/decision/scalars.h"
#include "engine/topology/slots.h"

namespace antiphon::decision {
namespace {

using expression::Value;
using topology::FunctionId;
using topology::KindOfSlot;
using topology::PositionOfSlot;
using topology::SlotKind;

Value ProfileValue(const state::CustomerState& customer, state::ProfileFieldId id) {
  const auto* field = FindSorted(customer.profile, &state::ProfileField::field, id);
  return field == nullptr ? Value::Absent() : ToValue(field->value);
}

Value AgeOf(const Step& step) {
  if (!step.topology.birth_date) return Value::Absent();
  const Value born = ProfileValue(step.customer, *step.topology.birth_date);
  if (!born.is(expression::Kind::kTimestamp)) return Value::Absent();
  const auto day = std::chrono::floor<std::chrono::days>(FromEpochMs(born.as_ms()));
  const auto age = calendar::AgeInYears(ZoneOf(step), std::chrono::year_month_day{day}, step.time.now);
  return age ? Value::Int(*age) : Value::Absent();
}

Value PreviousFeature(const Step& step, state::FeatureId id) {
  for (const PreviousValue& previous : step.scratch.previous) {
    if (previous.feature == id) return ToValue(previous.value);
  }
  return FeatureValue(step, id);
}

}  // namespace

bool Evaluation::Holds(const expression::Program& program) const {
  const Value value = program.Evaluate(*this, step_.scratch.arena);
  if (value.is_error()) [[unlikely]]
    Note(program, value);
  return value.is_true();
}

bool Evaluation::HoldsOrFails(const expression::Program& program) const {
  const Value value = program.Evaluate(*this, step_.scratch.arena);
  if (!value.is_error()) [[likely]]
    return value.is_true();
  Note(program, value);
  return true;
}

Value Evaluation::Evaluate(const expression::Program& program) const {
  const Value value = program.Evaluate(*this, step_.scratch.arena);
  if (!value.is_error()) [[likely]]
    return value;
  Note(program, value);
  return Value::Absent();
}

void Evaluation::Note(const expression::Program& program, const Value& error) const {
  step_.effects.failures.push_back({.program = &program, .code = error.error_code()});
}

Value Evaluation::EventFieldValue(std::uint32_t position) const { return event == nullptr ? Value::Absent() : event->fields[position]; }

Value Evaluation::MomentFieldValue(std::uint32_t position) const {
  if (moment == nullptr) return Value::Absent();
  const state::MomentValueId name{static_cast<std::uint16_t>(position)};
  for (const state::MomentValue& kept : moment->values) {
    if (kept.name == name) return ToValue(kept.value);
  }
  return Value::Absent();
}

Value Evaluation::Load(expression::HostSlot slot) const {
  const std::uint32_t position = PositionOfSlot(slot);
  const auto narrow = static_cast<std::uint16_t>(position);
  switch (KindOfSlot(slot)) {
    case SlotKind::kEventField:
      return EventFieldValue(position);
    case SlotKind::kFeature:
      return FeatureValue(step_, state::FeatureId{narrow});
    case SlotKind::kFeaturePrevious:
      return PreviousFeature(step_, state::FeatureId{narrow});
    case SlotKind::kCapture:
      return position < captures.size() ? ToValue(captures[position]) : Value::Absent();
    case SlotKind::kMomentValue:
      return MomentFieldValue(position);
    case SlotKind::kRequestField:
      return request == nullptr ? Value::Absent() : request->fields[position];
    case SlotKind::kScoreFactor:
      return factors[position];
    case SlotKind::kSegment: {
      const topology::SegmentScheme& scheme = step_.topology.segments[position];
      const auto found = ClassOf(*this, scheme);
      return found ? Value::String(scheme.classes[*found].name) : Value::Absent();
    }
    case SlotKind::kProfileField:
      return ProfileValue(step_.customer, state::ProfileFieldId{narrow});
    case SlotKind::kCustomerId:
      return Value::String(step_.customer.customer);
    case SlotKind::kCustomerAge:
      return AgeOf(step_);
    case SlotKind::kNow:
      return Value::TimestampMs(ToEpochMs(step_.time.now));
    case SlotKind::kAt:
      return planned == EngineTime{} ? Value::Absent() : Value::TimestampMs(ToEpochMs(planned));
    case SlotKind::kChannel:
      return channel == state::kNone<state::ChannelId> ? Value::Absent() : Value::String(step_.topology.channels[channel.value()].id);
    case SlotKind::kEventTime:
      return event == nullptr ? Value::Absent() : Value::TimestampMs(ToEpochMs(event->time));
    case SlotKind::kEventType:
      return event == nullptr ? Value::Absent() : Value::String(step_.topology.event_types[event->type].name);
    case SlotKind::kEventId:
      return event == nullptr ? Value::Absent() : Value::String(event->id);
  }
  return Value::Absent();
}

Value Evaluation::Call(expression::HostFunction function, std::span<const Value> args, expression::Arena& /*arena*/) const {
  switch (static_cast<FunctionId>(function.value())) {
    case FunctionId::kHolds:
      return Value::Bool(HoldingsOf(step_, args[0].as_text()) > 0);
    case FunctionId::kHoldingsCount:
      return Value::Int(HoldingsOf(step_, args[0].as_text()));
    case FunctionId::kConsents:
      return ConsentsByName(step_, args[0].as_text(), args[1].as_text());
    case FunctionId::kSuppressed:
      return SuppressedByName(step_, args[0].as_text());
    case FunctionId::kSince:
      return SinceByName(step_, args[0].as_text());
    case FunctionId::kContactsCount:
      return CountContacts(step_, {.filter = args[0], .free = free}, std::nullopt);
    case FunctionId::kContactsCountIn:
      return CountContacts(step_, {.filter = args[0], .free = free}, Milliseconds{args[1].as_ms()});
    case FunctionId::kContactsLast:
      return LastContact(step_, {.filter = args[0], .free = free});
  }
  return Value::Error(expression::ErrorCode::kHost, "a function that the engine does not know");
}

std::optional<std::uint16_t> ClassOf(const Evaluation& evaluation, const topology::SegmentScheme& scheme) {
  for (std::size_t i = 0; i < scheme.classes.size(); ++i) {
    if (evaluation.Holds(scheme.classes[i].when)) return static_cast<std::uint16_t>(i);
  }
  return std::nullopt;
}

}  // namespace antiphon::decision
