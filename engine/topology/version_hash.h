#pragma once

#include <string>
#include <string_view>

#include "engine/topology/topology.h"

namespace antiphon::topology {

// Fills Feature::definition and Trigger::definition: canonical texts of what makes their stored state readable.
void DescribeDefinitions(Topology& topology);

// The hash of a canonical text of everything that decides: all definitions in the order of their ids, zone transitions and holidays, templates
// and what is told. Not: `about`, `owner`, comments, the layout of files.
[[nodiscard]] Hash128 VersionOf(const Topology& topology);

// An expression without what does not matter: white space outside of texts, comments.
[[nodiscard]] std::string CanonicalExpression(std::string_view text);

}  // namespace antiphon::topology
