#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace antiphon::live {

// `antiphon run`, as its arguments say. Source: docs/live.md.
struct RunCommand {
  std::string process;                       // the file
  bool activate = false;                     // publish the folder's topology though another one was published since
  std::vector<std::string> allow_drop = {};  // "feature/spend_30d", "all": what customers may lose by it
};

// Runs until a signal: SIGTERM or SIGINT drains, commits, hands over and leaves within `stop_within`; a second one ends the process at
// once. Returns the exit code: 0 left in order, 1 ended by a fault (another process of this name, a stuck worker), 2 did not start:
// also where the topology would drop what nobody allowed to drop.
[[nodiscard]] int RunRunCommand(const RunCommand& command, std::FILE* messages);

}  // namespace antiphon::live
