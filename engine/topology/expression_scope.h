#pragma once

#include "engine/expression/declarations.h"
#include "engine/topology/topology.h"

namespace antiphon::topology {

// What an expression from outside the topology may read of a customer (`antiphon eval`, a scenario's `state`): now, customer.*, features.*
// (with .previous), segments.*, contacts.*, since(). The names mean, and literals are checked, as in the topology's own expressions. The
// result does not borrow from `topology`. Source: docs/topology-reference.md, "Names".
[[nodiscard]] expression::Declarations ScopeOf(const Topology& topology);

}  // namespace antiphon::topology
