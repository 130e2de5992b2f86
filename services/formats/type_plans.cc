#include "services/formats/type_plans.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "services/formats/padded_text.h"

namespace antiphon::formats {

using expression::Value;

namespace {

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 3> kControls{
    {{"control.pause", kPauseType}, {"control.resume", kResumeType}, {"control.activate", kActivateType}}};

}  // namespace

std::vector<std::string> TypePathOf(const topology::Envelope& envelope) {
  return envelope.type_path.empty() ? std::vector<std::string>{"type"} : envelope.type_path;
}

void MakeUndeclared(const topology::Envelope& envelope, Decoded& out) {
  out.kind = Decoded::Kind::kSkipped;
  if (envelope.unknown_types_dead_letter) MakeDeadLetter(out, DeadLetterReason::kUnknownType, "no such event type is declared");
}

TypePlans::TypePlans(const topology::Topology& topology, const PlanRoot& root) {
  plans_.reserve(topology.event_types.size());
  for (const topology::EventType& type : topology.event_types) {
    const std::string& name = type.name_in_log.empty() ? type.name : type.name_in_log;
    const bool is_control = std::ranges::any_of(kControls, [&](const auto& control) { return control.first == name; });
    if (types_.Find(PaddedBuffer(name).padded().text()) == KeyTable::kNone && !is_control) {
      types_.Add(name, static_cast<std::uint32_t>(plans_.size()));
    }
    plans_.push_back(PlanOf(type, topology.envelope, root));
    fields_max_ = std::max(fields_max_, type.fields.size());
    Measure(plans_.back());
  }
  for (const auto& [name, type] : kControls) types_.Add(std::string(name), type);
  control_plan_ = PlanOfControl(topology.envelope, root);
  Measure(control_plan_);
}

void TypePlans::Measure(const DecodePlan& plan) {
  members_max_ = std::max(members_max_, plan.members.size());
  for (const DecodePlan::Member& member : plan.members) targets_max_ = std::max(targets_max_, member.targets.size());
}

bool TypePlans::Begin(std::uint32_t type, expression::Arena& arena, EventDraft& draft, Decoded& out) const {
  draft.plan = &plan(type);
  draft.arena = &arena;
  if (IsControl(type)) return true;
  const std::size_t count = draft.plan->type->fields.size();
  Value* const fields = arena.AllocateArray<Value>(count);
  if (fields == nullptr) {
    MakeDeadLetter(out, DeadLetterReason::kTooLarge, "no memory left for the batch");
    return false;
  }
  std::fill_n(fields, count, Value{});
  draft.fields = {fields, count};
  return true;
}

std::size_t TypePlans::ArenaBytes(std::size_t batch_records, std::size_t batch_bytes) const {
  // A list of one digit and a comma for each item takes 8 bytes for each byte of the line, for every field that reads it; twice that for
  // what is lost at the ends of the arena's blocks.
  return 2 * (batch_records * (fields_max_ * sizeof(Value) + 2 * kIdBytesMax) + 9 * targets_max_ * batch_bytes) + (std::size_t{64} << 10U);
}

}  // namespace antiphon::formats
