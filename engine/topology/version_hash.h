#pragma once

#include "engine/topology/topology.h"

namespace antiphon::topology {

// The hash of a canonical text of everything that decides or is said: all definitions in the order of their ids, zone transitions and
// holidays, templates and what is told. Not: `name`, `about`, `owner`, comments, the layout of files and expressions.
// REQUIRES: DescribeDefinitions was called.
[[nodiscard]] Hash128 VersionOf(const Topology& topology);

}  // namespace antiphon::topology
