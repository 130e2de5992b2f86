#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/decision/effects.h"
#include "engine/expression/program.h"
#include "services/tools/time_text.h"
#include "state/base/time.h"
#include "state/model/contact.h"

namespace antiphon::tools {

// A scenario as an operator wrote it, its names resolved. Source: docs/testing-topologies.md.

struct Place {
  std::string file;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};
[[nodiscard]] std::string ToString(const Place& place);

// What a contact or its record must be like; what is not given fits everything. Names are those of records.
struct ContactPattern {
  std::optional<std::string> offer;  // of the topology, or of another system
  std::optional<std::string> channel, treatment, trigger, campaign, language, contact_class, direction, reason, customer, interaction_id,
      source_system;
  std::optional<state::ContactStatus> status;
  std::optional<state::ContactStatus> previous;
  std::optional<TimeSpan> at, due, expires;
  std::optional<std::string> text;         // the whole text that was sent or is to be said
  std::vector<std::string> text_contains;  // every one of these is in it
};

// An event or control record to be given. `fields` hold JSON values by the keys under which the log has them.
struct GivenEvent {
  struct Field {
    std::vector<std::string> path;
    std::string json;
  };
  Place place;
  std::string type;  // as the topology names it; control.pause, control.resume
  bool control = false;
  std::uint16_t event_type = 0;  // position in the topology; not of controls
  std::string customer;
  std::optional<std::string> id;
  bool backfill = false;
  EngineTime time{};
  std::uint32_t repeat = 1;
  Milliseconds every{0};
  std::vector<Field> fields;
  std::optional<ContactPattern> contact;  // the newest contact that fits gives its id to `contact_path`
  std::vector<std::string> contact_path;
};

struct ExpectedContact {
  Place place;
  ContactPattern pattern;
};

// `chosen`: nothing: not compared. Empty: silence.
struct ExpectedDecision {
  Place place;
  std::optional<std::string> customer, trigger, request;
  std::optional<decision::CauseKind> cause;
  std::optional<TimeSpan> at;
  std::optional<std::vector<std::string>> chosen;
  std::optional<decision::Stage> stage;  // of the silence
  std::optional<std::string> rule;
};

struct ExpectedSilence {
  Place place;
  std::optional<std::string> customer, offer, trigger, channel;
  std::optional<TimeSpan> at;
  std::optional<decision::Stage> stage;
  std::optional<std::string> rule;
};

struct ExpectedAnswer {
  Place place;
  std::string request;
  std::optional<std::vector<std::string>> offers, web, holdings, tell;
  std::vector<std::string> text_contains;  // in the text of some offer
};

struct ExpectedState {
  Place place;
  std::string text;  // of the expression
  std::shared_ptr<const expression::Program> program;
  std::optional<EngineTime> at;  // nothing: at the end
  std::string customer;
  std::vector<std::string> is;  // the value as text ("100000", "mass", "true"), or the items of a list
  bool is_list = false;
  bool absent = false;  // it has no value, or its evaluation fails
};

struct Scenario {
  Place place;
  std::string name;
  std::string about;
  bool experiments = false;         // holdouts and control groups are in force
  std::vector<GivenEvent> given;    // in order
  std::optional<EngineTime> until;  // the clock goes on to here after the last event

  std::optional<std::vector<ExpectedContact>> contacts;
  bool only = true;  // and no contact but these, if `contacts` is written
  std::vector<ExpectedDecision> decisions;
  std::vector<ExpectedSilence> silence;
  std::vector<ExpectedAnswer> answers;
  std::vector<ExpectedContact> never;
  std::vector<ExpectedState> state;
};

}  // namespace antiphon::tools
