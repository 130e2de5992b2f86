#pragma once

#include "engine/expression/declarations.h"
#include "engine/topology/topology.h"

namespace antiphon::tools {

// What an expression of `antiphon eval` or of a scenario's `state` may read: now, customer.*, features.* (with .previous), segments.*,
// contacts.*, since(). The names mean what they mean in the topology. Names in literals are checked: the result borrows from `topology`,
// which must outlive it. Source: docs/topology-reference.md, "Names".
[[nodiscard]] expression::Declarations ScopeOf(const topology::Topology& topology);

}  // namespace antiphon::tools
