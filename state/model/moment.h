#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "state/base/time.h"
#include "state/model/ids.h"
#include "state/model/scalar.h"

namespace antiphon::state {

// A value of the event or run that opened a moment, kept because an offer's expression or template reads it.
struct MomentValue {
  MomentValueId name;
  Scalar value;
  friend bool operator==(const MomentValue&, const MomentValue&) = default;
};

// Moment: a trigger that fired, open until it expires. Source: docs/triggers.md, "Moments".
struct Moment {
  std::uint32_t number = 0;  // counts the customer's moments from 1
  TriggerId trigger;
  EngineTime opened{};
  EngineTime expires{};      // open in [opened, expires)
  bool has_contact = false;  // a contact was made of it: it is no candidate when another contact falls due
  bool had_turn = false;     // it could have spoken and another did, or its control group kept it silent: it is not decided again by itself
  std::string source;        // of the event that is the cause; empty for a date
  std::string cause_id;      // the event's id; the first event of the run for an absence; the due time for a date
  std::vector<MomentValue> values;
  friend bool operator==(const Moment&, const Moment&) = default;
};

}  // namespace antiphon::state
