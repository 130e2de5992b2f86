#pragma once

#include "engine/topology/loading.h"

namespace antiphon::topology {

inline constexpr const char* kRootFile = "topology.yaml";

// Reads topology.yaml and what it includes into loading.sections; reports what is no section, includes nothing, or is defined twice.
void ReadSections(Loading& loading);

}  // namespace antiphon::topology
