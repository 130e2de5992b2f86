#pragma once

#include "engine/topology/loading.h"

namespace antiphon::topology {

// What is allowed and probably not meant: offers out of reach, caps that never bind, channels that never open, features that nobody reads.
// REQUIRES: the topology has no errors.
void WarnOfTopology(Loading& loading);

}  // namespace antiphon::topology
