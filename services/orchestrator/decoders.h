#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/topology/topology.h"
#include "services/formats/record_decoder.h"
#include "services/process/process_config.h"
#include "state/base/result.h"

namespace antiphon::orchestrator {

// The decoders of a process's inputs, in the order of the process file, and that of control last. Not thread-safe: one set per worker.
using Decoders = std::vector<std::unique_ptr<formats::RecordDecoder>>;

// `descriptors`: of each input, the content of the file that its format names; empty where it names none. `topology` outlives the decoders.
// kStopProcess: a format that does not fit the topology, with the topic's name.
[[nodiscard]] Result<Decoders> MakeDecoders(const process::ProcessConfig& config, const std::vector<std::string>& descriptors,
                                            const topology::Topology& topology);

}  // namespace antiphon::orchestrator
