#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/topology/diagnostic.h"
#include "engine/topology/topology.h"
#include "services/tools/scenario.h"

namespace antiphon::tools {

struct ScenarioFile {
  std::vector<Scenario> scenarios;  // those without a mistake
  std::vector<topology::Diagnostic> diagnostics;
};

// Reads the scenarios of one file: a map, a list of maps, or several YAML documents. Every name is checked against the topology; mistakes
// come with file, line, column and the nearest valid name. Pure. Source: docs/testing-topologies.md.
[[nodiscard]] ScenarioFile LoadScenarios(std::string_view text, const std::string& file, const topology::Topology& topology);

}  // namespace antiphon::tools
