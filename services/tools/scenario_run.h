#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/decision/effects.h"
#include "engine/topology/topology.h"
#include "services/tools/scenario.h"
#include "state/base/hash.h"

namespace antiphon::tools {

// What went wrong with a scenario: what was expected, and what happened instead, in lines.
struct Failure {
  Place place;
  std::string expected;
  std::vector<std::string> happened;
};

// What an ExpectedState came to.
struct StateReading {
  bool read = false;  // its time was reached
  bool fits = false;
  std::string value;                  // ValueText
  std::vector<std::string> readings;  // "features.balance = 1000.00 CZK"
};

// What a scenario brought about, in order.
struct ScenarioRun {
  std::vector<decision::DecisionRecord> decisions;
  std::vector<decision::ContactRecord> contacts;
  std::vector<decision::OutboundRecord> outbound;
  std::vector<StateReading> states;  // by position in Scenario::state
  EngineTime end{};                  // the clock at the end
  std::vector<Failure> problems;     // why it could not be run as written

  // The text that was sent as this contact, or proposed; nullptr if there is none.
  [[nodiscard]] const std::string* TextOf(const Hash128& contact_id) const;
};

// The topology for scenarios that do not ask for experiments: nobody is in a holdout or a control group.
[[nodiscard]] topology::Topology WithoutExperiments(const topology::Topology& topology);

// Runs a scenario as replay runs a log: its events become JSON lines and go through the decoder to a PartitionTask. Records point into the
// topology. Deterministic.
[[nodiscard]] ScenarioRun RunScenario(const topology::Topology& topology, const Scenario& scenario);

}  // namespace antiphon::tools
