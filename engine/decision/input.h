#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/expression/value.h"
#include "engine/topology/events.h"
#include "state/base/time.h"
#include "state/model/partition_state.h"

namespace antiphon::decision {

// The three times of a step that are not the event's own. Source: docs/time-and-determinism.md.
struct StepTime {
  EngineTime now{};     // engine time
  EngineTime floor{};   // the earliest time at which anything can still be said; not before `now` - whatever the clock says
  bool current = true;  // floor - now <= fresh: what is planned for `at` may be sent in this step

  [[nodiscard]] EngineTime at() const { return now > floor ? now : floor; }
};

// Event: one decoded event of a declared type (a request is one too). Owns nothing: texts live in the record's buffer, field values there
// or in the arena of the decoder; all must outlive the step.
struct Event {
  topology::EventTypeIndex type = 0;
  bool backfill = false;
  EngineTime time{};
  std::string_view source;  // of the event type's declaration
  std::string_view id;
  std::string_view customer;
  std::span<const expression::Value> fields;  // by position in EventType::fields; absent where the record has none or null
};

// Control: a word of the bank to all partitions. `what` is an id of the kind; unknown ones are refused by ParseControl's caller.
struct Control {
  enum class Kind : std::uint8_t { kPause, kResume };
  Kind kind = Kind::kPause;
  state::PausedKind paused = state::PausedKind::kAll;
  std::uint16_t what = 0;  // position in the topology
  EngineTime time{};
};

}  // namespace antiphon::decision
