#pragma once

#include <vector>

#include "engine/topology/topology.h"
#include "services/tools/scenario.h"
#include "services/tools/scenario_run.h"

namespace antiphon::tools {

// What of the scenario's expectations the run does not meet, in the order of the documentation; none: it passes. Each failure says what
// was expected, what came nearest, and for a silence or a missing contact the funnel of the decision that came nearest. Pure.
[[nodiscard]] std::vector<Failure> Judge(const topology::Topology& topology, const Scenario& scenario, const ScenarioRun& run);

}  // namespace antiphon::tools
