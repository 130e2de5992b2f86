#pragma once

#include <cstdio>
#include <string>

namespace antiphon::live {

// `antiphon plan`, as its arguments say. Source: docs/live.md, "Topology versions".
struct PlanCommand {
  std::string process;  // the file
  bool json = false;
};

// Says what the process file's topology would mean for what is stored: what is kept, new, changed and dropped, and how many customers that
// concerns. Reads only, joins no group. Returns the exit code: 0 `antiphon run` needs no consent, 1 it does, 2 bad usage or file, no
// cluster.
[[nodiscard]] int RunPlanCommand(const PlanCommand& command, std::FILE* output, std::FILE* messages);

}  // namespace antiphon::live
