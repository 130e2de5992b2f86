#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/archive/manifest.h"
#include "services/orchestrator/process_parts.h"
#include "services/runtime/event_source.h"
#include "services/runtime/log_directory.h"
#include "state/base/result.h"

namespace antiphon::archive {

struct ExportOptions {
  std::filesystem::path archive;                                                     // the folder; made if it is not there
  std::function<void(std::int32_t partition, std::uint64_t records)> progress = {};  // now and then
};

struct ExportReport {
  std::optional<SpanInfo> span;    // nothing: no commit since the last export, and nothing was written
  std::vector<std::string> notes;  // what whoever relies on the archive must know
};

// Adds what a run committed since the last export to an archive, or begins one: one span, from the topics as they stand now. Reads
// committed records only, and may run beside the run. Nothing of a span is seen before all of it is on the disk; whatever an export that
// died left is removed by the next one. An archive whose run's beginning has expired begins with a snapshot and no commits. Errors:
// kStopProcess, the folder is another run's, or commits since the last export have expired (a gap), with the remedy; kRetry, the cluster
// does not answer, or another export is under way. The archive is then as it was. Source: docs/archive.md.
[[nodiscard]] Result<ExportReport> ExportSpan(const orchestrator::ProcessParts& parts, runtime::EventSource& source,
                                              runtime::LogDirectory& directory, const ExportOptions& options);

}  // namespace antiphon::archive
