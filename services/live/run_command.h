#pragma once

#include <cstdio>
#include <string>

namespace antiphon::live {

// `antiphon run`, as its arguments say. Source: docs/live.md.
struct RunCommand {
  std::string process;  // the file
};

// Runs until a signal: SIGTERM or SIGINT drains, commits, hands over and leaves within `stop_within`; a second one ends the process at
// once. Returns the exit code: 0 left in order, 1 ended by a fault (another process of this name, a stuck worker), 2 did not start.
[[nodiscard]] int RunRunCommand(const RunCommand& command, std::FILE* messages);

}  // namespace antiphon::live
