#pragma once

#include <memory>
#include <string>

#include "engine/topology/topology.h"
#include "engine/topology/topology_loader.h"
#include "state/base/result.h"

namespace antiphon::topology_files {

// Loads the topology of a folder, with the event messages of proto/antiphon/v1 as its catalog. Fails if there is no such folder.
[[nodiscard]] Result<topology::LoadOutcome> LoadTopologyFolder(const std::string& folder);

// The same for those who cannot go on with mistakes: these are the error's message, one a line, with how to see them all.
[[nodiscard]] Result<std::shared_ptr<const topology::Topology>> LoadGoodTopology(const std::string& folder);

}  // namespace antiphon::topology_files
