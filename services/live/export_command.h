#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace antiphon::live {

// `antiphon export`, as its arguments say. Source: docs/archive.md.
struct ExportCommand {
  std::string process;  // the file of the run
  std::string archive;  // the folder
  bool json = false;
};

// Archives what a run committed since the last export. Reads only, leaves no group behind. Returns the exit code: 0 a span was added, or
// there was nothing new; 2 bad usage or file, no cluster, or a gap: the archive is as it was.
[[nodiscard]] int RunExportCommand(const ExportCommand& command, std::FILE* output, std::FILE* messages);

}  // namespace antiphon::live
