#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/topology/diagnostic.h"
#include "services/process/process_config.h"
#include "services/process/surroundings.h"
#include "state/base/result.h"

namespace antiphon::process {

// Where a process file is read.
enum class ReadAt : std::uint8_t {
  kWhereItRuns,  // a variable or file that it names and that is not there is an error
  kElsewhere,    // a warning, and something else stands for it: `antiphon check` on a desk has no secrets; a `topology` is then empty
};

struct ProcessOutcome {
  std::optional<ProcessConfig> config;            // nothing if there is an error among the diagnostics
  std::vector<topology::Diagnostic> diagnostics;  // by line and column
};

// Checks and reads the text of a process file, which stands at `file` (made absolute; relative paths in the file are relative to its
// folder; diagnostics name it as given). Every mistake that can be found in one run is reported; the topology is not read. No diagnostic
// holds what a variable, a file or a literal at a secret's key gives. O(text). Source: docs/process-file.md.
[[nodiscard]] ProcessOutcome LoadProcess(std::string_view text, const std::filesystem::path& file, const Surroundings& surroundings,
                                         ReadAt where = ReadAt::kWhereItRuns);

// The same for a file of the surroundings; fails if it cannot be read.
[[nodiscard]] Result<ProcessOutcome> LoadProcessFile(const std::filesystem::path& file, const Surroundings& surroundings,
                                                     ReadAt where = ReadAt::kWhereItRuns);

// The same for those who cannot go on with mistakes: these are the error's message, one a line.
[[nodiscard]] Result<ProcessConfig> LoadGoodProcess(const std::filesystem::path& file, const Surroundings& surroundings);

}  // namespace antiphon::process
