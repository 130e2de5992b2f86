#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/calendar/anniversary.h"
#include "engine/expression/program.h"
#include "engine/pattern/compiled_pattern.h"
#include "engine/topology/events.h"
#include "state/model/ids.h"

namespace antiphon::topology {

enum class TriggerKind : std::uint8_t { kEvent, kPattern, kDate };

// A condition of a pattern (or of a single-event trigger) over one event type. An event of a type without an entry does not fit.
struct EventCondition {
  EventTypeIndex event_type = 0;
  std::optional<expression::Program> where;  // none: every event of the type fits
};

// A value kept by a run, or copied into the moment: a field of the event by its type.
struct EventFieldRef {
  EventTypeIndex event_type = 0;
  std::uint16_t field = kNoField;
};

// One value that the moment keeps for offers: from the event that opened it or from a capture of the run.
struct MomentCapture {
  state::MomentValueId name;
  std::vector<EventFieldRef> event_fields;  // from the event in hand
  std::optional<std::uint32_t> capture;     // or: position among the captures of the pattern
};

struct DateRule {
  state::ProfileFieldId field = state::kNone<state::ProfileFieldId>;
  calendar::DateRule rule;
};

// A pattern over events, or a date of the customer, that opens a moment. Source: docs/triggers.md, docs/patterns.md.
struct Trigger {
  std::string id;
  std::string about;
  std::string tell;  // what an agent may say as the reason; may be empty
  TriggerKind kind = TriggerKind::kEvent;
  std::int32_t priority = 0;  // the smaller first
  Milliseconds expires_after{std::chrono::hours{72}};
  bool retry_when_open = false;
  std::optional<Milliseconds> again_after;
  state::CampaignId campaign = state::kNone<state::CampaignId>;
  std::vector<state::OfferId> offers;  // ascending
  std::vector<MomentCapture> moment_captures;

  std::vector<EventCondition> on;  // kEvent

  pattern::CompiledPattern pattern;                        // kPattern
  std::vector<std::vector<EventCondition>> conditions;     // by pattern::ConditionId
  std::vector<std::vector<EventFieldRef>> capture_fields;  // by pattern::FieldId
  std::vector<EventTypeIndex> watches;                     // the event types shown to the pattern, ascending
  std::uint32_t runs_max = 256;
  Milliseconds lateness{0};

  DateRule date;           // kDate
  std::string definition;  // canonical text: a change of it drops the runs
};

}  // namespace antiphon::topology
