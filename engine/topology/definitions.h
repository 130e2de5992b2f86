#pragma once

#include "engine/topology/topology.h"

namespace antiphon::topology {

// Fills Feature::definition and Trigger::definition: what a customer's stored feature or pattern runs were made by. If it changes, what is
// stored means nothing any more. `default`, `about` and the like are not part of it.
void DescribeDefinitions(Topology& topology);

}  // namespace antiphon::topology
