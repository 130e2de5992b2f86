#pragma once

#include "services/replay/topology_folder.h"

namespace antiphon::command {

// For commands that are given a way to load topologies.
using replay::LoadGoodTopology;

}  // namespace antiphon::command
