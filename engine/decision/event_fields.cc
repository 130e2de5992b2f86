#include "engine/decision/event_fields.h"

#include "engine/decision/words.h"

namespace antiphon::decision {

using expression::Kind;
using expression::Value;
using topology::RoleField;

Value RoleValue(const Step& step, RoleField field) {
  const std::uint16_t position = step.topology.event_types[step.event->type].field_of(field);
  return position == topology::kNoField ? Value::Absent() : step.event->fields[position];
}

std::string_view RoleText(const Step& step, RoleField field) {
  const Value value = RoleValue(step, field);
  return value.is(Kind::kString) ? value.as_text() : std::string_view();
}

std::optional<bool> RoleBool(const Step& step, RoleField field) {
  const Value value = RoleValue(step, field);
  return value.is(Kind::kBool) ? std::optional(value.as_bool()) : std::nullopt;
}

std::optional<std::int64_t> RoleInt(const Step& step, RoleField field) {
  const Value value = RoleValue(step, field);
  return value.is(Kind::kInt) ? std::optional(value.as_int()) : std::nullopt;
}

state::ChannelId RoleChannel(Step& step) {
  const std::string_view name = RoleText(step, RoleField::kChannel);
  if (name.empty()) return state::kNone<state::ChannelId>;
  const auto found = topology::FindById(step.topology.channels, name);
  if (found) return state::ChannelId{*found};
  step.effects.Count(Counter::kUnknownWords);
  return state::kNone<state::ChannelId>;
}

state::LanguageId AskedLanguage(const topology::Topology& topology, const Event& request) {
  const std::uint16_t position = topology.event_types[request.type].field_of(RoleField::kLanguage);
  if (position == topology::kNoField || !request.fields[position].is(Kind::kString)) return state::kNone<state::LanguageId>;
  const auto found = topology::FindById(topology.languages, request.fields[position].as_text());
  return found ? state::LanguageId{*found} : state::kNone<state::LanguageId>;
}

state::Actor RoleActor(const Step& step) {
  return {.kind = ParseActorKind(RoleText(step, RoleField::kActorKind)).value_or(state::ActorKind::kSystem),
          .id = std::string(RoleText(step, RoleField::kActorId)),
          .branch = std::string(RoleText(step, RoleField::kActorBranch))};
}

}  // namespace antiphon::decision
