#pragma once

#include <vector>

#include "engine/topology/topology.h"
#include "state/store/dictionary.h"

namespace antiphon::runtime {

// What the state's dictionary is told of a topology: every definition that a customer's record refers to, by kind, in the order of its
// positions. A definition whose meaning changed (a feature's window, a pattern, the fields of a held event) has another hash, and its
// stored values are dropped. Source: docs/state.md, "Slots".
[[nodiscard]] std::vector<store::SlotDefinition> SlotDefinitionsOf(const topology::Topology& topology);

}  // namespace antiphon::runtime
