#pragma once

#include <memory>
#include <vector>

#include "engine/topology/diagnostic.h"
#include "engine/topology/source_files.h"
#include "engine/topology/topology.h"

namespace antiphon::topology {

struct LoadOutcome {
  std::shared_ptr<const Topology> topology;  // nullptr if there is an error among the diagnostics
  std::vector<Diagnostic> diagnostics;       // by file, line and column
};

// Reads, checks and compiles the topology whose root is `topology.yaml`. Every mistake that can be found in one run is reported; a topology
// that is returned cannot fail when it runs, except by data. Pure but for the system's zone data; O(text).
// Source: docs/topology-reference.md.
[[nodiscard]] LoadOutcome LoadTopology(const SourceFiles& files, const MessageCatalog& catalog);

}  // namespace antiphon::topology
