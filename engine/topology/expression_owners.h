#pragma once

#include <functional>
#include <string>

#include "engine/expression/program.h"
#include "engine/topology/topology.h"

namespace antiphon::topology {

// Every expression of the topology with who it belongs to, in the author's words: "trigger salary_leaves", "offer savings_sweep,
// eligible/adult", "treatment savings_sweep.sms, text". An expression that serves several event types is compiled for each, and visited as
// often. O(expressions); the order is that of the sections of Topology.
using ExpressionVisitor = std::function<void(const expression::Program& program, const std::string& owner)>;
void VisitExpressions(const Topology& topology, const ExpressionVisitor& visit);

}  // namespace antiphon::topology
