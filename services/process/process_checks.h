#pragma once

#include <vector>

#include "engine/topology/diagnostic.h"
#include "engine/topology/topology.h"
#include "services/process/process_config.h"

namespace antiphon::process {

// What is wrong with a process file and its topology together: each is good alone. Diagnostics name the process file. Pure.
// Errors: channels whose outbound topics Kafka would not take, or would be one. Warnings: requests without answers, or the reverse.
[[nodiscard]] std::vector<topology::Diagnostic> CheckWithTopology(const ProcessConfig& config, const topology::Topology& topology);

}  // namespace antiphon::process
