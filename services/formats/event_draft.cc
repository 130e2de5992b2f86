#include "services/formats/event_draft.h"

#include <utility>

#include "services/formats/type_plans.h"

namespace antiphon::formats {
namespace {

using expression::Value;

std::string Dotted(const std::vector<std::string>& path) {
  std::string name;
  for (const std::string& key : path) name.append(name.empty() ? "" : ".").append(key);
  return name;
}

// False: `out` says what is wrong with it.
bool CheckTime(const EventDraft& draft, Decoded& out) {
  if (!draft.time) {
    MakeDeadLetter(out, DeadLetterReason::kNoTime, "no time at " + Dotted(draft.plan->time_path));
    return false;
  }
  if (*draft.time < kEngineTimeMin || *draft.time >= kEngineTimeMax) {
    MakeDeadLetter(out, DeadLetterReason::kTimeOutOfBounds, "the time is not in [1970-01-02, 2100-01-01)");
    return false;
  }
  return true;
}

std::optional<std::uint16_t> PausedOf(const topology::Topology& topology, state::PausedKind kind, std::string_view id) {
  switch (kind) {
    case state::PausedKind::kOffer:
      return topology::FindById(topology.offers, id);
    case state::PausedKind::kCampaign:
      return topology::FindById(topology.campaigns, id);
    case state::PausedKind::kChannel:
      return topology::FindById(topology.channels, id);
    case state::PausedKind::kTrigger:
      return topology::FindById(topology.triggers, id);
    case state::PausedKind::kAll:
      break;
  }
  return 0;
}

// Not of the record as a whole, nor of the memory.
bool IsOfValue(const ValueFault& fault) {
  return fault.reason == DeadLetterReason::kBadField || fault.reason == DeadLetterReason::kFieldOutOfRange;
}

}  // namespace

ValueFault AsIdFault(ValueFault fault) {
  if (IsOfValue(fault)) fault.reason = DeadLetterReason::kBadId;
  return fault;
}

ValueFault AsCustomerFault(ValueFault fault) {
  if (IsOfValue(fault)) fault.reason = DeadLetterReason::kBadCustomer;
  return fault;
}

ValueFault AsTimeFault(ValueFault fault) {
  if (fault.reason == DeadLetterReason::kBadField) fault.reason = DeadLetterReason::kNoTime;
  if (fault.reason == DeadLetterReason::kFieldOutOfRange) fault.reason = DeadLetterReason::kTimeOutOfBounds;
  return fault;
}

std::string_view DraftFinisher::MadeId(const topology::EventType& type, const RecordPosition& position, expression::Arena& arena) {
  made_id_.assign(type.source).append("@").append(std::to_string(position.partition)).append(":").append(std::to_string(position.offset));
  const Value copy = arena.CopyString(made_id_);
  return copy.is_error() ? std::string_view() : copy.as_text();
}

void DraftFinisher::FinishEvent(EventDraft& draft, std::uint32_t number, const RecordPosition& position, Decoded& out) {
  const topology::EventType& type = topology_.event_types[number];
  if (!CheckTime(draft, out)) return;
  if (draft.customer.empty()) return MakeDeadLetter(out, DeadLetterReason::kNoCustomer, "no customer");
  for (const std::uint16_t field : draft.plan->required) {
    if (draft.fields[field].is(expression::Kind::kAbsent)) {
      return MakeDeadLetter(out, DeadLetterReason::kMissingField, "field " + type.fields[field].name + " is required");
    }
  }
  if (draft.id.empty()) {
    draft.id = MadeId(type, position, *draft.arena);
    if (draft.id.empty()) return MakeDeadLetter(out, DeadLetterReason::kTooLarge, "no memory left for the batch");
  }
  out.kind = Decoded::Kind::kEvent;
  out.event = {.type = static_cast<topology::EventTypeIndex>(number),
               .backfill = draft.backfill,
               .time = *draft.time,
               .source = draft.source.empty() ? std::string_view(type.source) : draft.source,
               .id = draft.id,
               .customer = draft.customer,
               .fields = draft.fields};
}

void DraftFinisher::FinishControl(const EventDraft& draft, bool pause, Decoded& out) const {
  if (!CheckTime(draft, out)) return;
  if (draft.control_targets != 1 || !draft.control_version.empty()) {
    return MakeDeadLetter(out, DeadLetterReason::kBadControl, "name one of offer, campaign, channel, trigger, or all: true");
  }
  const auto what = PausedOf(topology_, draft.paused, draft.control_id);
  if (!what) return MakeDeadLetter(out, DeadLetterReason::kUnknownTarget, "the topology has no such id");
  out.kind = Decoded::Kind::kControl;
  out.control = {.kind = pause ? decision::Control::Kind::kPause : decision::Control::Kind::kResume,
                 .paused = draft.paused,
                 .what = *what,
                 .time = *draft.time};
}

void DraftFinisher::FinishActivation(const EventDraft& draft, Decoded& out) {
  if (!CheckTime(draft, out)) return;
  const std::optional<Hash128> version = FromHex(draft.control_version);
  if (draft.control_targets != 1 || !version) {
    return MakeDeadLetter(out, DeadLetterReason::kBadControl, "name one version, by its 32 hexadecimal digits");
  }
  out.kind = Decoded::Kind::kActivation;
  out.activates = *version;
}

void DraftFinisher::Finish(EventDraft& draft, std::uint32_t type, const RecordPosition& position, Decoded& out) {
  out.time = draft.time;
  if (draft.fault.bad()) {
    MakeDeadLetter(out, draft.fault.reason, std::string(draft.fault_at).append(": ").append(draft.fault.what));
  } else if (type == kActivateType) {
    FinishActivation(draft, out);
  } else if (TypePlans::IsControl(type)) {
    FinishControl(draft, type == kPauseType, out);
  } else {
    FinishEvent(draft, type, position, out);
  }
}

}  // namespace antiphon::formats
