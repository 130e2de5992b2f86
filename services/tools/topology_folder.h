#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/topology/topology.h"
#include "state/base/result.h"

namespace antiphon::tools {

// Loads a topology folder; an error's message is whole, with the place and the remedy of every mistake. Given by the program's main, so
// that tests bring topologies of their own.
using LoadTopologyFolder = std::function<Result<std::shared_ptr<const topology::Topology>>(const std::string& folder)>;

// The file that makes a folder a topology's.
inline constexpr const char* kTopologyFile = "topology.yaml";

}  // namespace antiphon::tools
