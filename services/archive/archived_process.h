#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "services/process/process_config.h"
#include "state/base/hash.h"
#include "state/base/result.h"

namespace antiphon::archive {

// What of a process file a replay needs, as a process file of its own: the inputs with their formats, the names of the topics, the clock;
// no broker, no secret, no folder of the machine. It stands in a span's folder: descriptors are descriptors/N.desc beside it, the topology
// is ../topologies/VERSION. Source: docs/archive.md, "The folder".
[[nodiscard]] std::string ArchivedProcessText(const process::ProcessConfig& config, const Hash128& topology);
// Where the descriptor of an input stands, in a span's folder.
[[nodiscard]] std::filesystem::path DescriptorFile(std::size_t input);

struct ArchivedProcess {
  process::ProcessConfig config;
  std::vector<std::string> descriptors;  // as orchestrator::ProcessParts has them
};
// Fails (stop the process) with every mistake of the file.
[[nodiscard]] Result<ArchivedProcess> LoadArchivedProcess(const std::filesystem::path& span_folder);

}  // namespace antiphon::archive
